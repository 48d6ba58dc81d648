#include "analyzer/detectors/authorization/remote_starts.h"

#include <algorithm>

namespace chargewarden::session {

void RemoteStarts::add(RemoteStart start) {
  std::erase_if(starts_, [&](const RemoteStart& each) {
    return start.time_ns - each.time_ns > kRemoteStartKnownNs;
  });
  if (starts_.size() >= kRemoteStartsMax) starts_.erase(starts_.begin());
  starts_.push_back(std::move(start));
}

RemoteStart* RemoteStarts::waiting(std::uint64_t token) {
  const auto found = std::find_if(starts_.rbegin(), starts_.rend(), [&](const RemoteStart& each) {
    return each.token == token && !each.accepted;
  });
  return found != starts_.rend() ? &*found : nullptr;
}

bool RemoteStarts::use(std::uint64_t token, std::string_view remote_id, std::int64_t now_ns) {
  RemoteStart* found = nullptr;
  for (RemoteStart& each : starts_) {
    const bool same = (!remote_id.empty() && each.remote_id == remote_id) || each.token == token;
    if (!same || now_ns - each.time_ns > kRemoteStartKnownNs) continue;
    // One that waits comes before one that has its session.
    if (found == nullptr || found->used) found = &each;
  }
  if (found != nullptr) found->used = true;
  return found != nullptr;
}

RemoteStart* RemoteStarts::unused(std::int64_t now_ns) {
  for (RemoteStart& each : starts_) {
    const bool over = now_ns - each.time_ns > kRemoteUnusedNs;
    if (!each.accepted || each.used || each.told || !over) continue;
    each.told = true;
    return &each;
  }
  return nullptr;
}

}  // namespace chargewarden::session
