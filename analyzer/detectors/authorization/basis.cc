#include "analyzer/detectors/authorization/basis.h"

#include <array>

#include "analyzer/detectors/session_subject.h"

namespace chargewarden::session {

std::string_view name_of(Basis basis) {
  constexpr std::array<std::string_view, 10> kNames = {
      "unknown", "authorize",   "remote_start", "local_list", "reservation",
      "answer",  "known_token", "free",         "offline",    "none"};
  return kNames[static_cast<std::size_t>(basis)];
}

bool is_free(const Session& session) {
  return session.token_type == "NoAuthorization" || (session.token.empty() && !is_2x(session));
}

}  // namespace chargewarden::session
