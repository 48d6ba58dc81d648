#pragma once
// RemoteStarts: what the CSMS asked one station to start. Part of the authorization detector.

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/state/session.h"

namespace chargewarden::session {

// Remote starts of one station that wait for their session. A station has a few connectors, and
// each can wait for one. Test: authorization_test.cc "remote starts that wait are bounded".
inline constexpr std::size_t kRemoteStartsMax = 16;

// A session that begins this long after the command may still be its. Drivers who start by app have
// until ConnectionTimeOut to plug in, usually one to five minutes; an hour leaves room for stations
// that wait for a schedule.
inline constexpr std::int64_t kRemoteStartKnownNs = 3'600LL * 1'000'000'000;

// A remote start without a session after this time has led to nothing (ConnectionTimeOut of OCPP
// 1.6, 9.1.2 and EVConnectionTimeOut of 2.x are 30 s to 300 s in the field).
inline constexpr std::int64_t kRemoteUnusedNs = 300LL * 1'000'000'000;

struct RemoteStart {
  std::uint64_t token = 0;  // Hash.
  std::int32_t connector = -1;
  std::string remote_id;  // remoteStartId of 2.x.
  std::string token_text;
  std::string status;  // Of the connector at that time.
  std::int64_t time_ns = 0;
  std::uint64_t tag = 0;
  bool accepted = false;
  bool used = false;
  bool told = false;
};

class RemoteStarts {
 public:
  void add(RemoteStart start);

  // The latest one with the token that waits for its answer; null when there is none.
  RemoteStart* waiting(std::uint64_t token);

  // Whether a session with the token, or with the remote id, was asked for; takes note of it.
  bool use(std::uint64_t token, std::string_view remote_id, std::int64_t now_ns);

  // The oldest one that was accepted, and led to nothing by now; it is given once. Null: none.
  RemoteStart* unused(std::int64_t now_ns);

 private:
  std::vector<RemoteStart> starts_;  // Oldest first.
};

}  // namespace chargewarden::session
