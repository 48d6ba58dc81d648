#pragma once
// Events about FTP control connections (RFC 959). What is transferred goes over connections of its
// own: connection.closed says what they held.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::ftp {

inline constexpr auto kLoginFields = std::to_array<FieldDef>({
    {"ftp.user", FieldType::kText, "", "RFC 959, 4.1.1", "User name of the login."},
    {"ftp.password_bytes", FieldType::kInt, "bytes", "RFC 959, 4.1.1",
     "Length of the password, which went over the network in clear; it is never kept. Absent when "
     "none was sent."},
    {"ftp.status", FieldType::kInt, "", "RFC 959, 4.2",
     "Reply of the server: 230 accepted, 530 refused; absent when none was seen."},
});
inline constexpr EventDef kLogin{"ftp.login", "connection",
                                 "A login on an FTP server, without encryption.", kLoginFields};
inline constexpr auto kUser = field_key(kLoginFields, "ftp.user");
inline constexpr auto kPasswordBytes = field_key(kLoginFields, "ftp.password_bytes");
inline constexpr auto kLoginStatus = field_key(kLoginFields, "ftp.status");

inline constexpr auto kTransferFields = std::to_array<FieldDef>({
    {"ftp.command", FieldType::kText, "", "RFC 959, 4.1.3",
     "RETR (a download), STOR, STOU or APPE (uploads)."},
    {"ftp.path", FieldType::kText, "", "RFC 959, 5.3.2", "Path as the client wrote it."},
    {"ftp.user", FieldType::kText, "", "RFC 959, 4.1.1", "User name of the login, if it was seen."},
    {"ftp.data_ip", FieldType::kText, "", "RFC 959, 4.1.2; RFC 2428",
     "Address that the data connection goes to: the server's in passive mode, else the client's."},
    {"ftp.data_port", FieldType::kInt, "", "RFC 959, 4.1.2; RFC 2428",
     "Port that the data connection goes to."},
    {"ftp.passive", FieldType::kBool, "", "RFC 959, 4.1.2",
     "Whether the client opens the data connection (PASV, EPSV)."},
    {"ftp.restart_bytes", FieldType::kInt, "bytes", "RFC 3659, 5",
     "Where in the file the transfer begins, when it does not begin at its start."},
    {"ftp.status", FieldType::kInt, "", "RFC 959, 4.2",
     "Last reply of the server to it: 226 done, 150 under way, 550 refused; absent when none was "
     "seen."},
});
inline constexpr EventDef kTransfer{
    "ftp.transfer", "connection",
    "A file is fetched from or stored on an FTP server; told when the server says that it is done, "
    "or when the control connection ends.",
    kTransferFields};
inline constexpr auto kCommand = field_key(kTransferFields, "ftp.command");
inline constexpr auto kPath = field_key(kTransferFields, "ftp.path");
inline constexpr auto kTransferUser = field_key(kTransferFields, "ftp.user");
inline constexpr auto kDataIp = field_key(kTransferFields, "ftp.data_ip");
inline constexpr auto kDataPort = field_key(kTransferFields, "ftp.data_port");
inline constexpr auto kPassive = field_key(kTransferFields, "ftp.passive");
inline constexpr auto kRestartBytes = field_key(kTransferFields, "ftp.restart_bytes");
inline constexpr auto kTransferStatus = field_key(kTransferFields, "ftp.status");

}  // namespace chargewarden::ftp
