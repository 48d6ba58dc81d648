#pragma once
// Events about firmware and its updates. Reported by analyzer/detectors/firmware.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::firmware {

inline constexpr auto kVersionFields = std::to_array<FieldDef>({
    {"firmware.version", FieldType::kText, "", "OCPP 1.6, 6.3", "Version at this boot."},
    {"firmware.version_before", FieldType::kText, "", "OCPP 1.6, 6.3",
     "Version at the boot before."},
    {"firmware.direction", FieldType::kText, "", "Chargewarden",
     "upgrade, downgrade, or other when the two cannot be put in order."},
    {"firmware.commanded", FieldType::kBool, "", "Chargewarden",
     "Whether an update was commanded or reported by the station before."},
});
inline constexpr EventDef kVersionChanged{"firmware.version_changed", "firmware",
                                          "A station boots with another firmware than before.",
                                          kVersionFields};
inline constexpr auto kVersion = field_key(kVersionFields, "firmware.version");
inline constexpr auto kVersionBefore = field_key(kVersionFields, "firmware.version_before");
inline constexpr auto kDirection = field_key(kVersionFields, "firmware.direction");
inline constexpr auto kCommanded = field_key(kVersionFields, "firmware.commanded");

inline constexpr auto kImageFields = std::to_array<FieldDef>({
    {"firmware.host", FieldType::kText, "", "RFC 9110, 7.2", "Where the image came from."},
    {"firmware.path", FieldType::kText, "", "RFC 9112, 3.2", "Its path there, without query."},
    {"firmware.bytes", FieldType::kInt, "bytes", "Chargewarden", "Length of the image."},
    {"firmware.sha256", FieldType::kText, "", "FIPS 180-4", "SHA-256 of the image, hex."},
    {"firmware.signature", FieldType::kText, "",
     "OCPP 1.6 security whitepaper, L01.FR.04; OCPP 2.0.1 part 2, L01",
     "Whether the signature of the command fits the image: valid, invalid, cannot_tell, or none "
     "when the command has no signature."},
    {"firmware.scheme", FieldType::kText, "", "As the one above",
     "Of a valid signature: how it was made."},
    {"firmware.reason", FieldType::kText, "", "Chargewarden", "Of cannot_tell: why."},
});
inline constexpr EventDef kImage{
    "firmware.image", "firmware",
    "The image of an update passed in clear, and was compared with the signature of the command.",
    kImageFields};
inline constexpr auto kHost = field_key(kImageFields, "firmware.host");
inline constexpr auto kPath = field_key(kImageFields, "firmware.path");
inline constexpr auto kBytes = field_key(kImageFields, "firmware.bytes");
inline constexpr auto kSha256 = field_key(kImageFields, "firmware.sha256");
inline constexpr auto kSignature = field_key(kImageFields, "firmware.signature");
inline constexpr auto kScheme = field_key(kImageFields, "firmware.scheme");
inline constexpr auto kReason = field_key(kImageFields, "firmware.reason");

inline constexpr auto kTamperedFields = std::to_array<FieldDef>({
    {"firmware.status", FieldType::kText, "", "OCPP 1.6 security whitepaper, 5.4",
     "What the station says about it: SignatureVerified, Installing or Installed."},
    {"firmware.sha256", FieldType::kText, "", "FIPS 180-4", "SHA-256 of the image, hex."},
    {"firmware.host", FieldType::kText, "", "RFC 9110, 7.2", "Where the image came from."},
});
inline constexpr EventDef kTampered{
    "firmware.tampered", "firmware",
    "A station accepts or installs an image that the signature of the command does not fit.",
    kTamperedFields};
inline constexpr auto kTamperedStatus = field_key(kTamperedFields, "firmware.status");
inline constexpr auto kTamperedSha256 = field_key(kTamperedFields, "firmware.sha256");
inline constexpr auto kTamperedHost = field_key(kTamperedFields, "firmware.host");

inline constexpr auto kUnverifiedFields = std::to_array<FieldDef>({
    {"firmware.status", FieldType::kText, "", "OCPP 1.6 security whitepaper, 5.4",
     "How far the station has come: Installing or Installed."},
});
inline constexpr EventDef kUnverified{"firmware.installed_unverified", "firmware",
                                      "A station installs an image of a signed update without "
                                      "having said that the signature is good.",
                                      kUnverifiedFields};
inline constexpr auto kUnverifiedStatus = field_key(kUnverifiedFields, "firmware.status");

inline constexpr auto kUncommandedFields = std::to_array<FieldDef>({
    {"firmware.status", FieldType::kText, "", "OCPP 1.6, 7.25", "What the station reports."},
    {"firmware.watched_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the station has been watched without a command."},
});
inline constexpr EventDef kUncommanded{
    "firmware.uncommanded", "firmware",
    "A station downloads or installs firmware, and nobody was seen to command it.",
    kUncommandedFields};
inline constexpr auto kUncommandedStatus = field_key(kUncommandedFields, "firmware.status");
inline constexpr auto kWatchedS = field_key(kUncommandedFields, "firmware.watched_s");

inline constexpr auto kCertificateFields = std::to_array<FieldDef>({
    {"firmware.certificate_problems", FieldType::kTextList, "",
     "OCPP 1.6 security whitepaper, L01; RFC 5280, 6.1",
     "What is wrong with the signing certificate: expired, not_yet_valid, self_signed, weak_key, "
     "weak_hash, unreadable."},
    {"firmware.certificate_subject", FieldType::kText, "", "RFC 2253", "Its subject."},
    {"firmware.certificate_issuer", FieldType::kText, "", "RFC 2253", "Its issuer."},
    {"firmware.certificate_sha256", FieldType::kText, "", "FIPS 180-4",
     "SHA-256 of its DER form, hex."},
});
inline constexpr EventDef kCertificate{
    "firmware.signing_certificate", "firmware",
    "Something is wrong with the certificate that a firmware update is signed with.",
    kCertificateFields};
inline constexpr auto kProblems = field_key(kCertificateFields, "firmware.certificate_problems");
inline constexpr auto kSubject = field_key(kCertificateFields, "firmware.certificate_subject");
inline constexpr auto kIssuer = field_key(kCertificateFields, "firmware.certificate_issuer");
inline constexpr auto kCertificateSha256 =
    field_key(kCertificateFields, "firmware.certificate_sha256");

inline constexpr auto kCampaignFields = std::to_array<FieldDef>({
    {"firmware.result", FieldType::kText, "", "OCPP 1.6, 7.25",
     "The last status that the station reported."},
    {"firmware.succeeded", FieldType::kBool, "", "Chargewarden", "Whether it is Installed."},
    {"firmware.signed", FieldType::kBool, "", "Chargewarden",
     "Whether the command had a signature."},
    {"firmware.host", FieldType::kText, "", "RFC 3986, 3.2.2", "Host of the location."},
    {"firmware.duration_s", FieldType::kInt, "s", "Chargewarden",
     "Time from the command to the result."},
    {"firmware.failures", FieldType::kInt, "", "Chargewarden",
     "Updates of the station that failed within 24 hours, this one included."},
});
inline constexpr EventDef kCampaign{"firmware.campaign", "firmware",
                                    "An update of a station has come to its end.", kCampaignFields};
inline constexpr auto kResult = field_key(kCampaignFields, "firmware.result");
inline constexpr auto kSucceeded = field_key(kCampaignFields, "firmware.succeeded");
inline constexpr auto kSigned = field_key(kCampaignFields, "firmware.signed");
inline constexpr auto kCampaignHost = field_key(kCampaignFields, "firmware.host");
inline constexpr auto kDurationS = field_key(kCampaignFields, "firmware.duration_s");
inline constexpr auto kFailures = field_key(kCampaignFields, "firmware.failures");

inline constexpr auto kDelayedFields = std::to_array<FieldDef>({
    {"firmware.delayed_by", FieldType::kText, "", "Chargewarden",
     "command: it asks for it; station: it has had the image for that long."},
    {"firmware.delay_s", FieldType::kInt, "s", "OCPP 1.6 security whitepaper, FirmwareType",
     "Time until it is installed: after the command, or after the download and the time that was "
     "asked for."},
    {"firmware.host", FieldType::kText, "", "RFC 3986, 3.2.2", "Host of the location."},
});
inline constexpr EventDef kDelayed{
    "firmware.install_delayed", "firmware",
    "Firmware is to be installed more than a week after its command, or is installed more than a "
    "day after it was downloaded and should have been.",
    kDelayedFields};
inline constexpr auto kDelayedBy = field_key(kDelayedFields, "firmware.delayed_by");
inline constexpr auto kDelayS = field_key(kDelayedFields, "firmware.delay_s");
inline constexpr auto kDelayedHost = field_key(kDelayedFields, "firmware.host");

inline constexpr auto kSpreadFields = std::to_array<FieldDef>({
    {"firmware.vendor", FieldType::kText, "", "OCPP 1.6, 6.3", "Vendor of the stations."},
    {"firmware.model", FieldType::kText, "", "OCPP 1.6, 6.3", "Model of the stations."},
    {"firmware.version", FieldType::kText, "", "OCPP 1.6, 6.3", "Version that most of them have."},
    {"firmware.versions", FieldType::kInt, "", "Chargewarden", "Different versions among them."},
    {"firmware.stations", FieldType::kInt, "", "Chargewarden", "Stations of the model."},
    {"firmware.behind", FieldType::kInt, "", "Chargewarden", "Stations with an older version."},
    {"firmware.behind_stations", FieldType::kTextList, "", "Chargewarden",
     "The first of these, at most 16."},
});
inline constexpr EventDef kSpread{
    "firmware.spread", "firmware",
    "Stations of one model are behind the version that most of them have; told once a day.",
    kSpreadFields};
inline constexpr auto kSpreadVendor = field_key(kSpreadFields, "firmware.vendor");
inline constexpr auto kSpreadModel = field_key(kSpreadFields, "firmware.model");
inline constexpr auto kMajority = field_key(kSpreadFields, "firmware.version");
inline constexpr auto kVersions = field_key(kSpreadFields, "firmware.versions");
inline constexpr auto kStations = field_key(kSpreadFields, "firmware.stations");
inline constexpr auto kBehind = field_key(kSpreadFields, "firmware.behind");
inline constexpr auto kBehindStations = field_key(kSpreadFields, "firmware.behind_stations");

}  // namespace chargewarden::firmware
