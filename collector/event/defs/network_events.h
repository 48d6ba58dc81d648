#pragma once
// Events about what stations do on the network outside their OCPP link. Reported by
// analyzer/detectors/network. A station is told by the address that its OCPP link comes from, where
// that is its own: not that of a proxy, of address translation, of a local controller or of a
// backend.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::network {

inline constexpr auto kServiceReachedFields = std::to_array<FieldDef>({
    {"network.client_is_outside", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the client has a public address, and not one beside that of the station (the same "
     "/24 "
     "or /48)."},
    {"network.protocol", FieldType::kText, "", "Chargewarden",
     "What is spoken: http, websocket, tls, ftp, or unknown."},
});
inline constexpr EventDef kServiceReached{
    "network.service_reached", "connection",
    "Somebody opened a connection to a station, and the station accepted it; destination.port is "
    "the service. Told once a day for each client and service. Not told of backends, of other "
    "stations, and of file servers that the station uses (FTP in active mode).",
    kServiceReachedFields};
inline constexpr auto kReachedOutside =
    field_key(kServiceReachedFields, "network.client_is_outside");
inline constexpr auto kReachedProtocol = field_key(kServiceReachedFields, "network.protocol");

inline constexpr auto kBetweenFields = std::to_array<FieldDef>({
    {"network.other_station", FieldType::kText, "", "OCPP-J 1.6, 3.1.1",
     "Identity of the station that accepted the connection."},
    {"network.protocol", FieldType::kText, "", "Chargewarden",
     "What is spoken: http, websocket, tls, ftp, or unknown."},
});
inline constexpr EventDef kBetween{
    "network.between_stations", "connection",
    "A station opened a connection to another station, which accepted it. Told once a day for each "
    "pair and service.",
    kBetweenFields};
inline constexpr auto kBetweenOther = field_key(kBetweenFields, "network.other_station");
inline constexpr auto kBetweenProtocol = field_key(kBetweenFields, "network.protocol");

inline constexpr auto kAdminLoginFields = std::to_array<FieldDef>({
    {"network.factory_password", FieldType::kBool, "", "Chargewarden",
     "Whether the password is none, the user name, or one of those that devices are shipped with."},
    {"network.client_is_outside", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the client has a public address, and not one beside that of the station."},
});
inline constexpr EventDef kAdminLogin{
    "network.admin_login", "connection",
    "A page of a station was asked for with a Basic password over HTTP without encryption, and the "
    "station gave it. Told once a day for each client and service, and for a factory password.",
    kAdminLoginFields};
inline constexpr auto kAdminFactory = field_key(kAdminLoginFields, "network.factory_password");
inline constexpr auto kAdminOutside = field_key(kAdminLoginFields, "network.client_is_outside");

inline constexpr auto kUploadFields = std::to_array<FieldDef>({
    {"network.method", FieldType::kText, "", "RFC 9110, 9; RFC 959, 4.1.3",
     "PUT, POST, STOR, STOU or APPE."},
    {"network.host", FieldType::kText, "", "RFC 9110, 7.2",
     "Where it went: the Host header without port, else the address."},
    {"network.bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Length of what was sent by HTTP; absent for FTP."},
    {"network.watched_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the messages of the station have been seen without a hole: a command before "
     "that "
     "could explain it."},
    {"network.peer_stations", FieldType::kInt, "", "Chargewarden",
     "Stations that were seen to talk to this address, with this one."},
    {"network.station_is_public", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the station's own address is public: then others may share it behind a router."},
});
inline constexpr EventDef kUpload{
    "network.upload", "connection",
    "A station sent a file to somebody, without encryption, and no command that was seen names "
    "that "
    "place: by FTP, or at least 4 KiB by HTTP. Not told of uploads to backends.",
    kUploadFields};
inline constexpr auto kUploadMethod = field_key(kUploadFields, "network.method");
inline constexpr auto kUploadHost = field_key(kUploadFields, "network.host");
inline constexpr auto kUploadBytes = field_key(kUploadFields, "network.bytes");
inline constexpr auto kUploadWatched = field_key(kUploadFields, "network.watched_s");
inline constexpr auto kUploadPeerStations = field_key(kUploadFields, "network.peer_stations");
inline constexpr auto kUploadPublic = field_key(kUploadFields, "network.station_is_public");

inline constexpr auto kNewPeerFields = std::to_array<FieldDef>({
    {"network.peer_stations", FieldType::kInt, "", "Chargewarden",
     "Stations that were seen to talk to this address, with this one."},
    {"network.peer_is_outside", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the peer has a public address, and not one beside that of the station."},
    {"network.steady_days", FieldType::kInt, "d", "Chargewarden",
     "For how long the station had talked to nobody new."},
    {"network.station_is_public", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the station's own address is public: then others may share it behind a router."},
});
inline constexpr EventDef kNewPeer{
    "network.new_peer", "connection",
    "A station talks to an address that it did not talk to before, after at least a week in which "
    "it talked to nobody new. Not told of OCPP connections.",
    kNewPeerFields};
inline constexpr auto kNewPeerStations = field_key(kNewPeerFields, "network.peer_stations");
inline constexpr auto kNewPeerOutside = field_key(kNewPeerFields, "network.peer_is_outside");
inline constexpr auto kNewPeerSteady = field_key(kNewPeerFields, "network.steady_days");
inline constexpr auto kNewPeerPublic = field_key(kNewPeerFields, "network.station_is_public");

inline constexpr auto kChannelFields = std::to_array<FieldDef>({
    {"network.duration_s", FieldType::kInt, "s", "Chargewarden",
     "For how long the connection has been open."},
    {"network.station_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload that the station has sent."},
    {"network.peer_bytes", FieldType::kInt, "bytes", "Chargewarden",
     "Payload that its peer has sent."},
    {"network.longest_silence_s", FieldType::kInt, "s", "Chargewarden",
     "Longest time without payload."},
    {"network.peer_stations", FieldType::kInt, "", "Chargewarden",
     "Stations that were seen to talk to this address, with this one."},
    {"network.stations", FieldType::kInt, "", "Chargewarden", "Stations that are known."},
    {"network.peer_is_outside", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the peer has a public address, and not one beside that of the station."},
    {"network.station_is_public", FieldType::kBool, "", "RFC 1918; RFC 6598; RFC 4193",
     "Whether the station's own address is public: then others may share it behind a router."},
});
inline constexpr EventDef kChannel{
    "network.channel", "connection",
    "A station keeps a connection of unknown protocol open for half an hour and longer, on which "
    "little passes in both directions, in small segments. Told once for a connection.",
    kChannelFields};
inline constexpr auto kChannelDuration = field_key(kChannelFields, "network.duration_s");
inline constexpr auto kChannelStationBytes = field_key(kChannelFields, "network.station_bytes");
inline constexpr auto kChannelPeerBytes = field_key(kChannelFields, "network.peer_bytes");
inline constexpr auto kChannelSilence = field_key(kChannelFields, "network.longest_silence_s");
inline constexpr auto kChannelPeerStations = field_key(kChannelFields, "network.peer_stations");
inline constexpr auto kChannelStations = field_key(kChannelFields, "network.stations");
inline constexpr auto kChannelOutside = field_key(kChannelFields, "network.peer_is_outside");
inline constexpr auto kChannelPublic = field_key(kChannelFields, "network.station_is_public");

inline constexpr auto kScanFields = std::to_array<FieldDef>({
    {"network.targets", FieldType::kInt, "", "Chargewarden",
     "Different services (address and port) that refused the source or did not answer it, without "
     "a pause of ten minutes."},
    {"network.ports", FieldType::kInt, "", "Chargewarden", "Different ports among them."},
    {"network.addresses", FieldType::kInt, "", "Chargewarden", "Different addresses among them."},
    {"network.source_is_station", FieldType::kBool, "", "Chargewarden",
     "Whether the source is a station."},
});
inline constexpr EventDef kScan{
    "network.scan", "connection",
    "A source tries many services that are not there; told at 15 and whenever the number has "
    "doubled. source.ip is the source.",
    kScanFields};
inline constexpr auto kScanTargets = field_key(kScanFields, "network.targets");
inline constexpr auto kScanPorts = field_key(kScanFields, "network.ports");
inline constexpr auto kScanAddresses = field_key(kScanFields, "network.addresses");
inline constexpr auto kScanStation = field_key(kScanFields, "network.source_is_station");

inline constexpr auto kMovedTogetherFields = std::to_array<FieldDef>({
    {"network.stations", FieldType::kInt, "", "Chargewarden",
     "Stations that had an address of their own, and are connected from this one now."},
});
inline constexpr EventDef kMovedTogether{
    "network.moved_together", "connection",
    "Stations that each had an address of their own come from one address, within an hour; told at "
    "3 and whenever the number has doubled. source.ip is that address.",
    kMovedTogetherFields};
inline constexpr auto kMovedStations = field_key(kMovedTogetherFields, "network.stations");

inline constexpr auto kLeftPrivateFields = std::to_array<FieldDef>({
    {"network.previous_address", FieldType::kText, "", "RFC 1918; RFC 6598; RFC 4193",
     "Private address that the station connected from before."},
    {"network.private_s", FieldType::kInt, "s", "Chargewarden",
     "For how long it had connected from private addresses only."},
});
inline constexpr EventDef kLeftPrivate{"network.left_private", "connection",
                                       "A station that connected from a private address of its own "
                                       "connects from a public one, for the "
                                       "first time.",
                                       kLeftPrivateFields};
inline constexpr auto kPreviousAddress = field_key(kLeftPrivateFields, "network.previous_address");
inline constexpr auto kPrivateSeconds = field_key(kLeftPrivateFields, "network.private_s");

inline constexpr auto kFileLoginFields = std::to_array<FieldDef>({
    {"network.user", FieldType::kText, "", "RFC 959, 4.1.1", "User name of the login."},
});
inline constexpr EventDef kFileLogin{
    "network.file_login", "connection",
    "A station logs in to a file server with a password, over FTP without encryption. Told once in "
    "30 days for each login, not of anonymous ones.",
    kFileLoginFields};
inline constexpr auto kFileLoginUser = field_key(kFileLoginFields, "network.user");

inline constexpr auto kSharedLoginFields = std::to_array<FieldDef>({
    {"network.stations", FieldType::kInt, "", "Chargewarden",
     "Stations that have logged in with this user name at this server within 30 days."},
});
inline constexpr EventDef kSharedLogin{
    "network.shared_login", "connection",
    "Stations log in to a file server with one user name and a password, over FTP without "
    "encryption; told at 2 stations and whenever their number has doubled.",
    kSharedLoginFields};
inline constexpr auto kSharedLoginStations = field_key(kSharedLoginFields, "network.stations");

}  // namespace chargewarden::network
