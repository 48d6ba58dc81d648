#include "analyzer/detectors/station/fault_words.h"

#include <algorithm>
#include <array>

#include "collector/base/text.h"

namespace chargewarden::station {

namespace {

constexpr auto kWords = std::to_array<FaultWords>({
    {"ConnectorLockFailure", "The lock of the connector did not close or open.",
     "Look for dirt or a bent pin in the outlet, unlock by hand, replace the lock motor if it "
     "stays."},
    {"EVCommunicationError", "The station and the vehicle lost or never found their connection.",
     "Plug in again; with one vehicle only it is the vehicle, with several check cable and plug."},
    {"GroundFailure", "Current flows where it must not: the ground fault protection has tripped.",
     "Keep the connector out of service until an electrician has checked it; do not reset from "
     "afar."},
    {"HighTemperature", "The temperature in the station, cable or plug is too high.",
     "Check fans, filters and plug contacts; lower the current until it is mended."},
    {"InternalError", "Hardware or software inside the station failed.",
     "Reset the station once; if it returns, read its log and call the manufacturer."},
    {"LocalListConflict", "The list of cards in the station contradicts what the backend says.",
     "Send the whole local list again and compare its version."},
    {"OtherError", "A fault that the station names only in its vendor's code.",
     "Look up the vendor code in the manual of the manufacturer."},
    {"OverCurrentFailure", "More current was drawn than the connector allows.",
     "Check the limit of the connector and whether one vehicle causes it; inspect the contactor."},
    {"OverVoltage", "The supply voltage is above its limit.",
     "Check the feeder and its neutral; several stations at once mean the supply, not the "
     "station."},
    {"PowerMeterFailure", "The energy meter does not answer or cannot be read.",
     "Sessions cannot be billed: check the meter's wiring, reset once, then replace it."},
    {"PowerSwitchFailure", "The contactor did not close or open; it may be welded.",
     "Cut the supply and have it checked: voltage may stand at the plug."},
    {"ReaderFailure", "The card reader does not answer.",
     "Offer a start by app meanwhile; reset once, then replace the reader."},
    {"ResetFailure", "The station could not carry out a reset.",
     "Try a hard reset; if it fails, switch it off and on at the distribution board."},
    {"UnderVoltage", "The supply voltage is below its limit.",
     "Check fuses and phases of the feeder; several stations at once mean the supply."},
    {"WeakSignal", "The mobile network is weak; messages may be late or lost.",
     "Check the antenna, or move the station to a wired or another network."},
    {"Faulted", "The station is faulted and does not say why.",
     "Reset it once; if it returns, read its log."},
});

constexpr FaultWords kUnknown = {"", "A code that no OCPP version has; it is the vendor's own.",
                                 "Look up the code in the manual of the manufacturer."};

}  // namespace

const FaultWords& words_of_fault(std::string_view code) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const FaultWords& words) {
    return iequals_ascii(words.code, code);
  });
  return found != kWords.end() ? *found : kUnknown;
}

}  // namespace chargewarden::station
