#pragma once
// Fact: what detectors want to know of one event, packed.
//
// Shards turn events into facts while they decode; the detection stage reads them behind the merge,
// in the order of the packets. A fact owns nothing: it is a view into the FactBuffer of its shard
// and lives as long as its batch. Values have the same names whatever OCPP version they came from.
//
// Facts hold tokens, certificates and the like as they were sent. They never leave the process:
// what is shown goes through events and their redaction.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "collector/event/flow_info.h"
#include "collector/event/ocpp_actions.h"

namespace chargewarden {

enum class FactKind : std::uint8_t {
  kOpened,        // connection.opened
  kClosed,        // connection.closed
  kGap,           // connection.gap
  kUpgrade,       // http.upgrade
  kRefused,       // http.upgrade_refused
  kTransfer,      // http.transaction
  kFtp,           // ftp.transfer
  kLogin,         // ftp.login
  kProgress,      // connection.progress
  kControl,       // websocket.control
  kMessage,       // ocpp.message
  kAnomaly,       // ocpp.anomaly, websocket.anomaly, http.anomaly, connection.anomaly
  kTls,           // tls.seen
  kCertificates,  // tls.certificates
  kOther,         // Another event that a detector asked for; event_index tells which.
  kCount,
};

// OCPP version of a message.
enum class FactVersion : std::uint8_t { kUnknown, k12, k15, k16, k201, k21 };

// What a value is. Units are those of the names; times are ns since 1970 in UTC.
enum class FactField : std::uint8_t {
  kItem,  // No value: what follows belongs to the next element of the list that is told.

  // Connections and handshakes.
  kMidstream,
  kClientIp,
  kServerIp,
  kClientPort,
  kServerPort,
  kFlowId,
  kResumes,
  kAccepted,
  kProtocol,
  kCloseReason,
  kDurationMs,
  kSilenceMs,     // Longest one.
  kLargestBytes,  // Of a segment.
  kClientBytes,
  kServerBytes,
  kHost,
  kPath,
  kUserAgent,
  kStatusCode,
  kAuthScheme,
  kAuthUser,
  kAuthUserMatches,
  kCredential,  // Fingerprint of a password.
  kPasswordBytes,
  kFactoryPassword,  // Whether it is one that devices are shipped with.
  kSubprotocol,
  kIsOcpp,
  kIsSoap,
  kForwardedFor,
  kEncrypted,
  kOpcode,
  kCloseCode,
  kAnomaly,
  kAnomalyBytes,
  kMethod,
  kBodySha256,
  kBodyBytes,
  kBodyComplete,
  kRequestBytes,
  kRangeStart,
  kClientSha256,
  kServerSha256,
  kDataIp,
  kDataPort,

  // Any OCPP message.
  kMessageId,    // Hash of the id.
  kPayloadHash,  // Of the payload's text, for messages that must not come twice.
  kErrorCode,
  kAnswer,      // status of an answer.
  kReasonCode,  // statusInfo.reasonCode

  // Boot, status.
  kVendor,
  kModel,
  kSerial,
  kBoxSerial,  // chargeBoxSerialNumber of 1.6, which is deprecated.
  kFirmware,
  kIccid,
  kImsi,
  kMeterSerial,
  kBootReason,
  kIntervalS,
  kCurrentTime,
  kConnector,
  kEvse,
  kConnectorStatus,
  kConnectorError,
  kVendorError,
  kInfo,
  kTimestamp,

  // Authorisation and transactions.
  kToken,
  kTokenType,
  kTokenStatus,
  kParentToken,
  kTransaction,
  kMeterStartWh,
  kMeterStopWh,
  kStopReason,
  kEventType,
  kTrigger,
  kSequence,
  kOffline,
  kChargingState,
  kRemoteStartId,
  kReservation,
  kTotalCost,

  // Firmware, logs, certificates.
  kLocation,
  kRetrieveTime,
  kInstallTime,
  kSignature,
  kSigningCertificate,
  kRequestId,
  kFirmwareStatus,
  kLogType,
  kLogStatus,
  kCertificate,
  kCertificateType,
  kCertificateSerial,
  kIssuerKeyHash,
  kIssuerNameHash,
  kCsr,
  kSecurityEvent,
  kTechInfo,
  kChecksum,

  // Commands, settings, load.
  kCommand,  // type of a Reset, operational status, requested message, ...
  kSetting,
  kComponent,
  kSettingValue,
  kInstance,       // Instance or EVSE of a variable of 2.x: the station may have several of it.
  kAttributeType,  // Of a variable of 2.x; absent: Actual.
  kProfileSlot,
  kUrl,
  kSecurityProfile,
  kListVersion,
  kUpdateType,
  kVendorId,
  kDataId,
  kDataBytes,
  kData,
  kLimit,
  kLimitUnit,  // A or W.
  kPhases,
  kPurpose,
  kStackLevel,
  kProfileId,
  kProfileKind,
  kValidFrom,
  kValidTo,
  kScheduleStart,
  kScheduleDurationS,
  kPeriodStartS,
  kSignedReading,  // Which of the readings has the signature that the next four belong to.
  kSignedData,     // Of 1.6 the whole value, of 2.x signedMeterData.
  kSigningMethod,
  kEncodingMethod,
  kPublicKey,
  kEvent,  // Name of the event of a fact of kind kOther.
  kText,
  kCount,
};

enum class Measurand : std::uint8_t {
  kEnergyImportWh,  // Energy.Active.Import.Register
  kEnergyExportWh,  // Energy.Active.Export.Register
  kIntervalWh,      // Energy.Active.Import.Interval
  kPowerImportW,
  kPowerExportW,
  kPowerOfferedW,
  kCurrentImportA,
  kCurrentOfferedA,
  kVoltageV,
  kSocPercent,
  kFrequencyHz,
  kTemperatureC,
  kOther,
};

enum class Phase : std::uint8_t { kTotal, kL1, kL2, kL3, kN, kLineToLine };

enum class ReadingContext : std::uint8_t {
  kSample,
  kClock,
  kBegin,
  kEnd,
  kTrigger,
  kInterruption,
  kOther,
};

// One sampled value, in the unit of its measurand (OCPP 1.6, 7.33; 2.0.1 part 2, SampledValueType).
struct Reading {
  std::int64_t time_ns = 0;  // Of the station; 0 when it tells none that can be read.
  double value = 0;
  Measurand measurand = Measurand::kOther;
  Phase phase = Phase::kTotal;
  ReadingContext context = ReadingContext::kSample;
  bool at_outlet = true;       // Else inlet, cable, body, vehicle.
  bool is_signed = false;      // format SignedData of 1.6: the value is not a number.
  bool has_signature = false;  // That, or a signedMeterValue of 2.x beside the number.
  bool unit_given = false;     // Else the default of the standard.
  bool unreadable = false;     // A number was to be there, and was not.
};

struct FactValue {
  enum class Type : std::uint8_t { kText, kInt, kReal };

  FactField field = FactField::kItem;
  Type type = Type::kInt;
  std::uint32_t text_len = 0;

  union {
    std::int64_t number = 0;
    double real;
    std::uint64_t text_offset;  // In the texts of the fact.
  };
};

// The fixed part of a fact.
struct FactHead {
  std::uint64_t order = 0;  // Of the packet within the run.
  std::int64_t time_ns = 0;
  std::uint64_t packet_number = 0;  // Or line.
  std::uint32_t slot = 0;           // FlowInfo::slot
  std::uint32_t size_bytes = 0;     // Of an OCPP message.
  std::uint16_t source = 0;         // Index of the input.
  std::uint16_t action = 0;         // ocpp::ActionId
  std::uint16_t values = 0;
  std::uint16_t readings = 0;
  FactKind kind = FactKind::kOther;
  Side sender = Side::kClient;
  ocpp::MessageType type = ocpp::MessageType::kCall;
  FactVersion version = FactVersion::kUnknown;
  bool from_log = false;
  bool has_flow = false;
  std::uint16_t station_len = 0;
  std::uint32_t text_len = 0;
};

class Fact {
 public:
  // `texts`: the station's identity first, then the texts of the values.
  Fact(const FactHead& head, std::span<const FactValue> values, std::span<const Reading> readings,
       std::string_view texts) noexcept
      : head_(&head), values_(values), readings_(readings), texts_(texts) {}

  [[nodiscard]] const FactHead& head() const noexcept { return *head_; }

  [[nodiscard]] std::int64_t time_ns() const noexcept { return head_->time_ns; }

  [[nodiscard]] bool is_message(ocpp::ActionId action, ocpp::MessageType type) const noexcept {
    return head_->kind == FactKind::kMessage && head_->action == action && head_->type == type;
  }

  [[nodiscard]] bool is_call(ocpp::ActionId action) const noexcept {
    return is_message(action, ocpp::MessageType::kCall);
  }

  [[nodiscard]] bool is_result(ocpp::ActionId action) const noexcept {
    return is_message(action, ocpp::MessageType::kResult);
  }

  [[nodiscard]] std::span<const FactValue> values() const noexcept { return values_; }

  [[nodiscard]] std::span<const Reading> readings() const noexcept { return readings_; }

  [[nodiscard]] bool has(FactField field) const noexcept { return find(field) != nullptr; }

  // The first value of the field; empty, or nothing, when there is none of that type.
  [[nodiscard]] std::string_view text(FactField field) const noexcept {
    const FactValue* value = find(field);
    return value != nullptr ? text_of(*value) : std::string_view();
  }

  [[nodiscard]] std::optional<std::int64_t> number(FactField field) const noexcept {
    const FactValue* value = find(field);
    if (value == nullptr || value->type == FactValue::Type::kText) return std::nullopt;
    return value->type == FactValue::Type::kInt ? value->number
                                                : static_cast<std::int64_t>(value->real);
  }

  [[nodiscard]] std::optional<double> real(FactField field) const noexcept {
    const FactValue* value = find(field);
    if (value == nullptr || value->type == FactValue::Type::kText) return std::nullopt;
    return value->type == FactValue::Type::kReal ? value->real : static_cast<double>(value->number);
  }

  [[nodiscard]] bool is_true(FactField field) const noexcept {
    return number(field).value_or(0) != 0;
  }

  [[nodiscard]] std::string_view text_of(const FactValue& value) const noexcept {
    if (value.type != FactValue::Type::kText) return {};
    return texts_.substr(value.text_offset, value.text_len);
  }

  [[nodiscard]] const FactValue* find(FactField field) const noexcept {
    for (const FactValue& value : values_) {
      if (value.field == field) return &value;
    }
    return nullptr;
  }

  // The identity of the connection's station as it was known when the fact was made; empty when
  // not.
  [[nodiscard]] std::string_view station() const noexcept {
    return texts_.substr(0, head_->station_len);
  }

 private:
  const FactHead* head_;
  std::span<const FactValue> values_;
  std::span<const Reading> readings_;
  std::string_view texts_;
};

}  // namespace chargewarden
