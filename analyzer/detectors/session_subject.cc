#include "analyzer/detectors/session_subject.h"

#include <algorithm>
#include <cmath>

#include "collector/event/defs/session_events.h"

namespace chargewarden::session {

bool is_2x(const Session& session) {
  return session.version == FactVersion::k201 || session.version == FactVersion::k21;
}

bool same_token(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return lower(x) == lower(y);
  });
}

void set_subject(const Session& session, Event& event) {
  if (session.connector >= 0) event.set_int(kConnector, session.connector);
  if (!session.transaction.empty()) event.set_text(kTransaction, session.transaction);
  if (!session.token.empty()) event.set_text(kToken, session.token);
}

Value amount(double value) {
  return Value::real(std::round(value * 10) / 10);
}

Subject subject_of(const Station& station, const World& world) {
  return {&station, station.links.empty() ? nullptr : &world.link(station.links.back())};
}

}  // namespace chargewarden::session
