#include "analyzer/facts/message_fields.h"

#include <array>

namespace chargewarden {

namespace {

using F = FactField;
using M = MemberForm;
using Type = ocpp::MessageType;
template <std::size_t N>
using Members = std::array<MemberDef, N>;

// Parts that several messages share.

constexpr Members<2> kIdToken{{
    {"idToken", M::kText, F::kToken},
    {"type", M::kText, F::kTokenType},
}};

constexpr Members<1> kGroupToken{{{"idToken", M::kText, F::kParentToken}}};

constexpr Members<3> kTokenInfo{{
    {"status", M::kText, F::kTokenStatus},
    {"parentIdTag", M::kText, F::kParentToken},
    {"groupIdToken", M::kInside, F::kItem, kGroupToken},
}};

constexpr Members<2> kEvse{{
    {"id", M::kNumber, F::kEvse},
    {"connectorId", M::kNumber, F::kConnector},
}};

constexpr Members<1> kStatusInfo{{{"reasonCode", M::kText, F::kReasonCode}}};

constexpr Members<2> kAnswer{{
    {"status", M::kText, F::kAnswer},
    {"statusInfo", M::kInside, F::kItem, kStatusInfo},
}};

constexpr Members<2> kTokenOnly{{
    {"idTag", M::kText, F::kToken},
    {"idToken", M::kInside, F::kItem, kIdToken},
}};

constexpr Members<1> kTransactionOnly{{{"transactionId", M::kId, F::kTransaction}}};

constexpr Members<1> kComponentEvse{{{"id", M::kId, F::kInstance}}};

constexpr Members<3> kComponent{{
    {"name", M::kText, F::kComponent},
    {"instance", M::kText, F::kInstance},
    {"evse", M::kInside, F::kItem, kComponentEvse},
}};

constexpr Members<2> kVariable{{
    {"name", M::kText, F::kSetting},
    {"instance", M::kText, F::kInstance},
}};

// Boot, heartbeat, status.

constexpr Members<2> kModem{{
    {"iccid", M::kText, F::kIccid},
    {"imsi", M::kText, F::kImsi},
}};

constexpr Members<5> kChargingStation{{
    {"vendorName", M::kText, F::kVendor},
    {"model", M::kText, F::kModel},
    {"serialNumber", M::kText, F::kSerial},
    {"firmwareVersion", M::kText, F::kFirmware},
    {"modem", M::kInside, F::kItem, kModem},
}};

constexpr Members<10> kBoot{{
    {"chargePointVendor", M::kText, F::kVendor},
    {"chargePointModel", M::kText, F::kModel},
    {"chargePointSerialNumber", M::kText, F::kSerial},
    {"chargeBoxSerialNumber", M::kText, F::kBoxSerial},
    {"firmwareVersion", M::kText, F::kFirmware},
    {"iccid", M::kText, F::kIccid},
    {"imsi", M::kText, F::kImsi},
    {"meterSerialNumber", M::kText, F::kMeterSerial},
    {"reason", M::kText, F::kBootReason},
    {"chargingStation", M::kInside, F::kItem, kChargingStation},
}};

constexpr Members<3> kBootAnswer{{
    {"status", M::kText, F::kAnswer},
    {"currentTime", M::kTime, F::kCurrentTime},
    {"interval", M::kNumber, F::kIntervalS},
}};

constexpr Members<1> kHeartbeatAnswer{{{"currentTime", M::kTime, F::kCurrentTime}}};

constexpr Members<8> kStatus{{
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"status", M::kText, F::kConnectorStatus},
    {"connectorStatus", M::kText, F::kConnectorStatus},
    {"errorCode", M::kText, F::kConnectorError},
    {"info", M::kText, F::kInfo},
    {"vendorErrorCode", M::kText, F::kVendorError},
    {"timestamp", M::kTime, F::kTimestamp},
}};

// Authorisation and transactions.

constexpr Members<2> kTokenAnswer{{
    {"idTagInfo", M::kInside, F::kItem, kTokenInfo},
    {"idTokenInfo", M::kInside, F::kItem, kTokenInfo},
}};

constexpr Members<5> kStart{{
    {"connectorId", M::kNumber, F::kConnector},
    {"idTag", M::kText, F::kToken},
    {"meterStart", M::kReal, F::kMeterStartWh},
    {"timestamp", M::kTime, F::kTimestamp},
    {"reservationId", M::kId, F::kReservation},
}};

constexpr Members<2> kStartAnswer{{
    {"transactionId", M::kId, F::kTransaction},
    {"idTagInfo", M::kInside, F::kItem, kTokenInfo},
}};

constexpr Members<6> kStop{{
    {"transactionId", M::kId, F::kTransaction},
    {"idTag", M::kText, F::kToken},
    {"meterStop", M::kReal, F::kMeterStopWh},
    {"timestamp", M::kTime, F::kTimestamp},
    {"reason", M::kText, F::kStopReason},
    {"transactionData", M::kReadings},
}};

constexpr Members<4> kMeterValues{{
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"transactionId", M::kId, F::kTransaction},
    {"meterValue", M::kReadings},
}};

constexpr Members<4> kTransactionInfo{{
    {"transactionId", M::kId, F::kTransaction},
    {"chargingState", M::kText, F::kChargingState},
    {"stoppedReason", M::kText, F::kStopReason},
    {"remoteStartId", M::kId, F::kRemoteStartId},
}};

constexpr Members<10> kTransactionEvent{{
    {"eventType", M::kText, F::kEventType},
    {"timestamp", M::kTime, F::kTimestamp},
    {"triggerReason", M::kText, F::kTrigger},
    {"seqNo", M::kNumber, F::kSequence},
    {"offline", M::kNumber, F::kOffline},
    {"reservationId", M::kId, F::kReservation},
    {"transactionInfo", M::kInside, F::kItem, kTransactionInfo},
    {"evse", M::kInside, F::kItem, kEvse},
    {"idToken", M::kInside, F::kItem, kIdToken},
    {"meterValue", M::kReadings},
}};

constexpr Members<2> kTransactionEventAnswer{{
    {"idTokenInfo", M::kInside, F::kItem, kTokenInfo},
    {"totalCost", M::kReal, F::kTotalCost},
}};

constexpr Members<3> kTransactionEventRequest{{
    {"eventType", M::kText, F::kEventType},
    {"transactionInfo", M::kInside, F::kItem, kTransactionInfo},
    {"idToken", M::kInside, F::kItem, kIdToken},
}};

constexpr Members<2> kCost{{
    {"totalCost", M::kReal, F::kTotalCost},
    {"transactionId", M::kId, F::kTransaction},
}};

// Commands.

constexpr Members<5> kPeriod{{
    {"startPeriod", M::kNumber, F::kPeriodStartS},
    {"limit", M::kReal, F::kLimit},
    {"setpoint", M::kReal, F::kLimit},
    {"operationMode", M::kText, F::kCommand},
    {"numberPhases", M::kNumber, F::kPhases},
}};

constexpr Members<4> kSchedule{{
    {"chargingRateUnit", M::kText, F::kLimitUnit},
    {"startSchedule", M::kTime, F::kScheduleStart},
    {"duration", M::kNumber, F::kScheduleDurationS},
    {"chargingSchedulePeriod", M::kItems, F::kItem, kPeriod},
}};

constexpr Members<9> kProfile{{
    {"chargingProfileId", M::kId, F::kProfileId},
    {"id", M::kId, F::kProfileId},
    {"stackLevel", M::kNumber, F::kStackLevel},
    {"chargingProfilePurpose", M::kText, F::kPurpose},
    {"chargingProfileKind", M::kText, F::kProfileKind},
    {"validFrom", M::kTime, F::kValidFrom},
    {"validTo", M::kTime, F::kValidTo},
    {"transactionId", M::kId, F::kTransaction},
    {"chargingSchedule", M::kInside, F::kItem, kSchedule},
}};

constexpr Members<4> kSetProfile{{
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"csChargingProfiles", M::kInside, F::kItem, kProfile},
    {"chargingProfile", M::kInside, F::kItem, kProfile},
}};

// Of 1.6 the schedule is inside, of 2.x it names its EVSE.
constexpr Members<4> kComposite{{
    {"evseId", M::kNumber, F::kEvse},
    {"chargingRateUnit", M::kText, F::kLimitUnit},
    {"duration", M::kNumber, F::kScheduleDurationS},
    {"chargingSchedulePeriod", M::kItems, F::kItem, kPeriod},
}};

constexpr Members<4> kCompositeAnswer{{
    {"status", M::kText, F::kAnswer},
    {"connectorId", M::kNumber, F::kConnector},
    {"chargingSchedule", M::kInside, F::kItem, kSchedule},
    {"schedule", M::kInside, F::kItem, kComposite},
}};

constexpr Members<3> kProfileCriteria{{
    {"evseId", M::kNumber, F::kEvse},
    {"chargingProfilePurpose", M::kText, F::kPurpose},
    {"stackLevel", M::kNumber, F::kStackLevel},
}};

constexpr Members<6> kClearProfile{{
    {"id", M::kId, F::kProfileId},
    {"chargingProfileId", M::kId, F::kProfileId},
    {"connectorId", M::kNumber, F::kConnector},
    {"chargingProfilePurpose", M::kText, F::kPurpose},
    {"stackLevel", M::kNumber, F::kStackLevel},
    {"chargingProfileCriteria", M::kInside, F::kItem, kProfileCriteria},
}};

constexpr Members<6> kRemoteStart{{
    {"idTag", M::kText, F::kToken},
    {"idToken", M::kInside, F::kItem, kIdToken},
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"remoteStartId", M::kId, F::kRemoteStartId},
    {"chargingProfile", M::kInside, F::kItem, kProfile},
}};

constexpr Members<3> kRemoteStartAnswer{{
    {"status", M::kText, F::kAnswer},
    {"statusInfo", M::kInside, F::kItem, kStatusInfo},
    {"transactionId", M::kId, F::kTransaction},
}};

constexpr Members<7> kCommand{{
    {"type", M::kText, F::kCommand},
    {"operationalStatus", M::kText, F::kCommand},
    {"requestedMessage", M::kText, F::kCommand},
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"evse", M::kInside, F::kItem, kEvse},
    {"reservationId", M::kId, F::kReservation},
}};

constexpr Members<7> kReserve{{
    {"reservationId", M::kId, F::kReservation},
    {"id", M::kId, F::kReservation},
    {"connectorId", M::kNumber, F::kConnector},
    {"evseId", M::kNumber, F::kEvse},
    {"idTag", M::kText, F::kToken},
    {"idToken", M::kInside, F::kItem, kIdToken},
    {"expiryDate", M::kTime, F::kTimestamp},
}};

constexpr Members<1> kListTokenInfo{{{"status", M::kText, F::kTokenStatus}}};

constexpr Members<4> kListEntry{{
    {"idTag", M::kText, F::kToken},
    {"idToken", M::kInside, F::kItem, kIdToken},
    {"idTagInfo", M::kInside, F::kItem, kListTokenInfo},
    {"idTokenInfo", M::kInside, F::kItem, kListTokenInfo},
}};

constexpr Members<4> kLocalList{{
    {"listVersion", M::kNumber, F::kListVersion},
    {"versionNumber", M::kNumber, F::kListVersion},
    {"updateType", M::kText, F::kUpdateType},
    {"localAuthorizationList", M::kItems, F::kItem, kListEntry},
}};

// Settings.

constexpr Members<2> kChangeConfiguration{{
    {"key", M::kText, F::kSetting},
    {"value", M::kText, F::kSettingValue},
}};

constexpr Members<4> kSetVariable{{
    {"attributeType", M::kText, F::kAttributeType},
    {"component", M::kInside, F::kItem, kComponent},
    {"variable", M::kInside, F::kItem, kVariable},
    {"attributeValue", M::kText, F::kSettingValue},
}};

constexpr Members<1> kSetVariables{{{"setVariableData", M::kItems, F::kItem, kSetVariable}}};

constexpr Members<4> kVariableResult{{
    {"attributeType", M::kText, F::kAttributeType},
    {"attributeStatus", M::kText, F::kAnswer},
    {"component", M::kInside, F::kItem, kComponent},
    {"variable", M::kInside, F::kItem, kVariable},
}};

constexpr Members<1> kSetVariablesAnswer{
    {{"setVariableResult", M::kItems, F::kItem, kVariableResult}}};

constexpr Members<5> kReadVariable{{
    {"attributeType", M::kText, F::kAttributeType},
    {"attributeStatus", M::kText, F::kAnswer},
    {"attributeValue", M::kText, F::kSettingValue},
    {"component", M::kInside, F::kItem, kComponent},
    {"variable", M::kInside, F::kItem, kVariable},
}};

constexpr Members<1> kGetVariablesAnswer{
    {{"getVariableResult", M::kItems, F::kItem, kReadVariable}}};

constexpr Members<1> kGetConfigurationAnswer{
    {{"configurationKey", M::kItems, F::kItem, kChangeConfiguration}}};

constexpr Members<2> kReportAttribute{{
    {"value", M::kText, F::kSettingValue},
    {"type", M::kText, F::kAttributeType},
}};

constexpr Members<3> kReportItem{{
    {"component", M::kInside, F::kItem, kComponent},
    {"variable", M::kInside, F::kItem, kVariable},
    {"variableAttribute", M::kInside, F::kItem, kReportAttribute},
}};

constexpr Members<1> kReport{{{"reportData", M::kItems, F::kItem, kReportItem}}};

constexpr Members<2> kConnectionData{{
    {"ocppCsmsUrl", M::kText, F::kUrl},
    {"securityProfile", M::kNumber, F::kSecurityProfile},
}};

constexpr Members<2> kNetworkProfile{{
    {"configurationSlot", M::kId, F::kProfileSlot},
    {"connectionData", M::kInside, F::kItem, kConnectionData},
}};

// Firmware, logs, certificates.

constexpr Members<5> kFirmware{{
    {"location", M::kText, F::kLocation},
    {"retrieveDateTime", M::kTime, F::kRetrieveTime},
    {"installDateTime", M::kTime, F::kInstallTime},
    {"signature", M::kText, F::kSignature},
    {"signingCertificate", M::kText, F::kSigningCertificate},
}};

constexpr Members<5> kUpdateFirmware{{
    {"location", M::kText, F::kLocation},
    {"retrieveDate", M::kTime, F::kRetrieveTime},
    {"requestId", M::kId, F::kRequestId},
    {"firmware", M::kInside, F::kItem, kFirmware},
    {"checksum", M::kText, F::kChecksum},
}};

constexpr Members<2> kFirmwareStatus{{
    {"status", M::kText, F::kFirmwareStatus},
    {"requestId", M::kId, F::kRequestId},
}};

constexpr Members<1> kLogParameters{{{"remoteLocation", M::kText, F::kLocation}}};

constexpr Members<4> kGetLog{{
    {"logType", M::kText, F::kLogType},
    {"requestId", M::kId, F::kRequestId},
    {"location", M::kText, F::kLocation},
    {"log", M::kInside, F::kItem, kLogParameters},
}};

constexpr Members<2> kLogStatus{{
    {"status", M::kText, F::kLogStatus},
    {"requestId", M::kId, F::kRequestId},
}};

constexpr Members<3> kSecurityEvent{{
    {"type", M::kText, F::kSecurityEvent},
    {"timestamp", M::kTime, F::kTimestamp},
    {"techInfo", M::kText, F::kTechInfo},
}};

constexpr Members<2> kSignCertificate{{
    {"csr", M::kText, F::kCsr},
    {"certificateType", M::kText, F::kCertificateType},
}};

constexpr Members<3> kCertificateSigned{{
    {"certificateChain", M::kText, F::kCertificate},
    {"cert", M::kText, F::kCertificate},  // First edition of the 1.6 whitepaper.
    {"certificateType", M::kText, F::kCertificateType},
}};

constexpr Members<2> kInstallCertificate{{
    {"certificateType", M::kText, F::kCertificateType},
    {"certificate", M::kText, F::kCertificate},
}};

constexpr Members<3> kHashData{{
    {"serialNumber", M::kText, F::kCertificateSerial},
    {"issuerKeyHash", M::kText, F::kIssuerKeyHash},
    {"issuerNameHash", M::kText, F::kIssuerNameHash},
}};

constexpr Members<1> kDeleteCertificate{{{"certificateHashData", M::kInside, F::kItem, kHashData}}};

constexpr Members<1> kDataAnswer{{{"data", M::kText, F::kData}}};

constexpr Members<2> kDataNames{{
    {"vendorId", M::kText, F::kVendorId},
    {"messageId", M::kText, F::kDataId},
}};

constexpr Members<3> kDataTransfer{{
    {"vendorId", M::kText, F::kVendorId},
    {"messageId", M::kText, F::kDataId},
    {"data", M::kText, F::kData},
}};

constexpr auto kDefs = std::to_array<MessageDef>({
    {"BootNotification", Type::kCall, kBoot},
    {"BootNotification", Type::kResult, kBootAnswer},
    {"Heartbeat", Type::kResult, kHeartbeatAnswer},
    {"StatusNotification", Type::kCall, kStatus},
    {"Authorize", Type::kCall, kTokenOnly},
    {"Authorize", Type::kResult, kTokenAnswer, kTokenOnly},
    {"StartTransaction", Type::kCall, kStart, {}, true},
    {"StartTransaction", Type::kResult, kStartAnswer, kStart},
    {"StopTransaction", Type::kCall, kStop, {}, true},
    {"StopTransaction", Type::kResult, kTokenAnswer, kTransactionOnly},
    {"MeterValues", Type::kCall, kMeterValues},
    {"TransactionEvent", Type::kCall, kTransactionEvent, {}, true},
    {"TransactionEvent", Type::kResult, kTransactionEventAnswer, kTransactionEventRequest},
    {"CostUpdated", Type::kCall, kCost},
    {"RemoteStartTransaction", Type::kCall, kRemoteStart},
    {"RemoteStartTransaction", Type::kResult, kRemoteStartAnswer, kRemoteStart},
    {"RequestStartTransaction", Type::kCall, kRemoteStart},
    {"RequestStartTransaction", Type::kResult, kRemoteStartAnswer, kRemoteStart},
    {"RemoteStopTransaction", Type::kCall, kTransactionOnly},
    {"RemoteStopTransaction", Type::kResult, kAnswer, kTransactionOnly},
    {"RequestStopTransaction", Type::kCall, kTransactionOnly},
    {"RequestStopTransaction", Type::kResult, kAnswer, kTransactionOnly},
    {"Reset", Type::kCall, kCommand},
    {"Reset", Type::kResult, kAnswer, kCommand},
    {"ChangeAvailability", Type::kCall, kCommand},
    {"ChangeAvailability", Type::kResult, kAnswer, kCommand},
    {"UnlockConnector", Type::kCall, kCommand},
    {"UnlockConnector", Type::kResult, kAnswer, kCommand},
    {"TriggerMessage", Type::kCall, kCommand},
    {"ExtendedTriggerMessage", Type::kCall, kCommand},
    {"ClearCache", Type::kResult, kAnswer},
    {"ReserveNow", Type::kCall, kReserve},
    {"ReserveNow", Type::kResult, kAnswer, kReserve},
    {"CancelReservation", Type::kCall, kCommand},
    {"SetChargingProfile", Type::kCall, kSetProfile},
    {"SetChargingProfile", Type::kResult, kAnswer, kSetProfile},
    {"ClearChargingProfile", Type::kCall, kClearProfile},
    {"ClearChargingProfile", Type::kResult, kAnswer, kClearProfile},
    {"GetCompositeSchedule", Type::kResult, kCompositeAnswer},
    {"SendLocalList", Type::kResult, kAnswer, kLocalList},
    {"ChangeConfiguration", Type::kCall, kChangeConfiguration},
    {"ChangeConfiguration", Type::kResult, kAnswer, kChangeConfiguration},
    {"GetConfiguration", Type::kResult, kGetConfigurationAnswer},
    {"SetVariables", Type::kCall, kSetVariables},
    {"SetVariables", Type::kResult, kSetVariablesAnswer, kSetVariables},
    {"GetVariables", Type::kResult, kGetVariablesAnswer},
    {"NotifyReport", Type::kCall, kReport},
    {"SetNetworkProfile", Type::kCall, kNetworkProfile},
    {"SetNetworkProfile", Type::kResult, kAnswer, kNetworkProfile},
    {"UpdateFirmware", Type::kCall, kUpdateFirmware},
    {"UpdateFirmware", Type::kResult, kAnswer, kUpdateFirmware},
    {"SignedUpdateFirmware", Type::kCall, kUpdateFirmware},
    {"SignedUpdateFirmware", Type::kResult, kAnswer, kUpdateFirmware},
    {"PublishFirmware", Type::kCall, kUpdateFirmware},
    {"FirmwareStatusNotification", Type::kCall, kFirmwareStatus},
    {"SignedFirmwareStatusNotification", Type::kCall, kFirmwareStatus},
    {"GetDiagnostics", Type::kCall, kGetLog},
    {"GetLog", Type::kCall, kGetLog},
    {"DiagnosticsStatusNotification", Type::kCall, kLogStatus},
    {"LogStatusNotification", Type::kCall, kLogStatus},
    {"SecurityEventNotification", Type::kCall, kSecurityEvent},
    {"SignCertificate", Type::kCall, kSignCertificate},
    {"SignCertificate", Type::kResult, kAnswer},
    {"CertificateSigned", Type::kCall, kCertificateSigned},
    {"CertificateSigned", Type::kResult, kAnswer, kCertificateSigned},
    {"InstallCertificate", Type::kCall, kInstallCertificate},
    {"InstallCertificate", Type::kResult, kAnswer, kInstallCertificate},
    {"DeleteCertificate", Type::kCall, kDeleteCertificate},
    {"DeleteCertificate", Type::kResult, kAnswer, kDeleteCertificate},
    {"DataTransfer", Type::kCall, kDataTransfer},
    {"DataTransfer", Type::kResult, kDataAnswer, kDataNames},
});

}  // namespace

std::span<const MessageDef> message_defs() {
  return kDefs;
}

}  // namespace chargewarden
