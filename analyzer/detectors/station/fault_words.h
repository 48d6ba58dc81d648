#pragma once
// Error codes of stations in plain words, for operations (OCPP 1.6, 7.6 ChargePointErrorCode).

#include <string_view>

namespace chargewarden::station {

struct FaultWords {
  std::string_view code;
  std::string_view cause;
  std::string_view remedy;
};

// Never null: for codes that no standard has, words that say so.
const FaultWords& words_of_fault(std::string_view code);

}  // namespace chargewarden::station
