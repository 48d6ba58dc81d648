#pragma once
// OCMF records (S.A.F.E. e.V., OCMF 1.4.1): what a meter signed about a charging session.
//
// A record is OCMF|payload|signature. The signature covers the bytes of the payload as they stand
// between the bars, so these are kept as they came. Who charged (ID) is not read: nobody here needs
// it. Pure functions over hostile text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"

namespace chargewarden::ocmf {

// A record: OCPP 2.1 allows 32,768 characters of base64 for it.
// Test: ocmf_record_test.cc "a record beyond the limit is refused".
inline constexpr std::size_t kRecordMaxBytes = 65'536;

// Readings of one record; a session has two and those at changes of tariff between.
// Test: ocmf_record_test.cc "readings beyond the limit are counted".
inline constexpr std::size_t kReadingsMax = 128;

// Characters of a text field; the longest in the standard has 250.
// Test: ocmf_record_test.cc "long texts of a record are cut".
inline constexpr std::size_t kTextMaxLen = 512;

// One element of RD. A field that a reading leaves out is that of the reading before it. Letters
// are those of the standard, '\0' where there is none.
struct Reading {
  std::optional<std::int64_t> time_ns;  // TM.
  char time_state = '\0';               // TM: U unknown, I informative, S synchronised, R relative.
  char transaction = '\0';              // TX: B begin, C, X, E end, L, R, A, P, S, T.
  std::optional<double> value_wh;       // RV, when RU is kWh or Wh.
  std::string unit;                     // RU.
  std::string obis;                     // RI, such as 01-00:B2.08.00*FF.
  std::string error_flags;              // EF: E energy, t time.
  char meter_state = '\0';              // ST: G good; M manipulated, and others.
};

struct Record {
  std::string payload;  // As signed.

  char context = '\0';                // PG: T transaction, F fiscal.
  std::optional<std::uint64_t> page;  // PG: one higher in each record of a context.
  std::string format_version;         // FV.
  std::string gateway_serial;         // GS.
  std::string meter_vendor;           // MV.
  std::string meter_model;            // MM.
  std::string meter_serial;           // MS.
  std::string charge_point;           // CI.
  std::vector<Reading> readings;      // RD.
  std::size_t surplus_readings = 0;

  std::string algorithm;  // SA; empty where it is left out.
  std::string encoding;   // SE: hex, the default, or base64.
  std::string signature;  // SD, as it came.
};

// Refuses what is no record, with the place that is wrong.
Expected<Record> parse_record(std::string_view text);

}  // namespace chargewarden::ocmf
