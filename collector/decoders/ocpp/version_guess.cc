#include "collector/decoders/ocpp/version_guess.h"

namespace chargewarden::ocpp {

OcppVersion guess_version(ActionId action, const JsonDocument& payload, ValueArena& arena) {
  if (action == kUnknownAction) return OcppVersion::kUnknown;
  const ActionDef& def = action_def(action);
  const bool in_1x = (def.versions & (kIn15 | kIn16)) != 0;
  const bool in_201 = (def.versions & kIn201) != 0;
  if (!in_1x) return in_201 ? OcppVersion::k201 : OcppVersion::k21;
  if (!in_201) return OcppVersion::k16;
  // Actions that both generations have: their fields differ.
  static const JsonPath k1xBoot("chargePointVendor");
  static const JsonPath k2xBoot("chargingStation");
  static const JsonPath k1xStatus("errorCode");
  static const JsonPath k2xStatus("connectorStatus");
  static const JsonPath k1xMeter("connectorId");
  static const JsonPath k2xMeter("evseId");
  static const JsonPath k1xToken("idTag");
  static const JsonPath k2xToken("idToken");
  const auto has = [&](const JsonPath& path) { return !payload.find(path, arena).is_absent(); };
  if (has(k2xBoot) || has(k2xStatus) || has(k2xMeter) || has(k2xToken)) return OcppVersion::k201;
  if (has(k1xBoot) || has(k1xStatus) || has(k1xMeter) || has(k1xToken)) return OcppVersion::k16;
  return OcppVersion::kUnknown;
}

}  // namespace chargewarden::ocpp
