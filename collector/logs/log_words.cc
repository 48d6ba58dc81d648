#include "collector/logs/log_words.h"

#include <algorithm>
#include <array>

namespace chargewarden {

namespace {

// Longest word of the tables below, and some.
constexpr std::size_t kWordLen = 32;

// Lower case, without what people put between words. Too long is none of ours.
class Normalised {
 public:
  explicit Normalised(std::string_view text) noexcept {
    for (const char c : text) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!kept) continue;
      if (len_ == word_.size()) {
        len_ = 0;
        return;
      }
      word_[len_++] = upper ? static_cast<char>(c + 32) : c;
    }
  }

  [[nodiscard]] std::string_view view() const noexcept { return {word_.data(), len_}; }

 private:
  std::array<char, kWordLen> word_{};
  std::size_t len_ = 0;
};

template <typename T>
struct Entry {
  std::string_view word;
  T value;
};

// Tables are sorted, which is checked while compiling.
template <typename T, std::size_t N>
constexpr bool is_sorted(const std::array<Entry<T>, N>& table) {
  return std::is_sorted(table.begin(), table.end(),
                        [](const auto& a, const auto& b) { return a.word < b.word; });
}

template <typename T, std::size_t N>
const T* look_up(const std::array<Entry<T>, N>& table, std::string_view text) noexcept {
  const Normalised word(text);
  const auto at = std::lower_bound(
      table.begin(), table.end(), word.view(),
      [](const Entry<T>& entry, std::string_view wanted) { return entry.word < wanted; });
  return at != table.end() && at->word == word.view() ? &at->value : nullptr;
}

constexpr auto kRoles = std::to_array<Entry<LogRole>>({
    {"action", LogRole::kAction},
    {"address", LogRole::kRemote},
    {"app", LogRole::kProgram},
    {"appname", LogRole::kProgram},
    {"asctime", LogRole::kTime},
    {"chargebox", LogRole::kStation},
    {"chargeboxid", LogRole::kStation},
    {"chargeboxidentity", LogRole::kStation},
    {"chargepoint", LogRole::kStation},
    {"chargepointid", LogRole::kStation},
    {"chargepointidentity", LogRole::kStation},
    {"charger", LogRole::kStation},
    {"chargerid", LogRole::kStation},
    {"chargingstation", LogRole::kStation},
    {"chargingstationid", LogRole::kStation},
    {"client", LogRole::kStation},
    {"clientid", LogRole::kStation},
    {"clientip", LogRole::kRemote},
    {"component", LogRole::kProgram},
    {"connectionid", LogRole::kSession},
    {"correlationid", LogRole::kMessageId},
    {"cp", LogRole::kStation},
    {"cpid", LogRole::kStation},
    {"created", LogRole::kTime},
    {"data", LogRole::kMessage},
    {"date", LogRole::kTime},
    {"datetime", LogRole::kTime},
    {"dir", LogRole::kDirection},
    {"direction", LogRole::kDirection},
    {"event", LogRole::kEvent},
    {"eventname", LogRole::kEvent},
    {"eventtype", LogRole::kEvent},
    {"frame", LogRole::kMessage},
    {"host", LogRole::kHost},
    {"hostname", LogRole::kHost},
    {"httpstatus", LogRole::kStatus},
    {"identity", LogRole::kStation},
    {"inbound", LogRole::kInbound},
    {"incoming", LogRole::kInbound},
    {"ip", LogRole::kRemote},
    {"ipaddress", LogRole::kRemote},
    {"l", LogRole::kLevel},
    {"level", LogRole::kLevel},
    {"levelname", LogRole::kLevel},
    {"line", LogRole::kWrapped},
    {"log", LogRole::kWrapped},
    {"logger", LogRole::kProgram},
    {"loglevel", LogRole::kLevel},
    {"m", LogRole::kMessage},
    {"message", LogRole::kMessage},
    {"messageid", LogRole::kMessageId},
    {"messagetype", LogRole::kMessageType},
    {"messagetypeid", LogRole::kMessageType},
    {"method", LogRole::kAction},
    {"msg", LogRole::kMessage},
    {"name", LogRole::kProgram},
    {"ocpp", LogRole::kMessage},
    {"ocppmessage", LogRole::kMessage},
    {"ocppversion", LogRole::kProtocol},
    {"outbound", LogRole::kOutbound},
    {"outgoing", LogRole::kOutbound},
    {"payload", LogRole::kMessage},
    {"peer", LogRole::kRemote},
    {"priority", LogRole::kLevel},
    {"program", LogRole::kProgram},
    {"protocol", LogRole::kProtocol},
    {"raw", LogRole::kMessage},
    {"rawmessage", LogRole::kMessage},
    {"realtimetimestamp", LogRole::kJournalTime},
    {"remote", LogRole::kRemote},
    {"remoteaddr", LogRole::kRemote},
    {"remoteaddress", LogRole::kRemote},
    {"remoteip", LogRole::kRemote},
    {"remoteport", LogRole::kRemotePort},
    {"service", LogRole::kProgram},
    {"session", LogRole::kSession},
    {"sessionid", LogRole::kSession},
    {"severity", LogRole::kLevel},
    {"sourceip", LogRole::kRemote},
    {"station", LogRole::kStation},
    {"stationid", LogRole::kStation},
    {"status", LogRole::kStatus},
    {"statuscode", LogRole::kStatus},
    {"subprotocol", LogRole::kProtocol},
    {"syslogidentifier", LogRole::kProgram},
    {"t", LogRole::kTime},
    {"text", LogRole::kMessage},
    {"time", LogRole::kTime},
    {"timestamp", LogRole::kTime},
    {"ts", LogRole::kTime},
    {"type", LogRole::kDirection},
    {"uniqueid", LogRole::kMessageId},
});
static_assert(is_sorted(kRoles));

constexpr auto kDirections = std::to_array<Entry<LogDirection>>({
    {"cp2cs", LogDirection::kFromStation},
    {"cpcs", LogDirection::kFromStation},
    {"cptocs", LogDirection::kFromStation},
    {"cs2cp", LogDirection::kToStation},
    {"cscp", LogDirection::kToStation},
    {"csmstostation", LogDirection::kToStation},
    {"cstocp", LogDirection::kToStation},
    {"fromchargepoint", LogDirection::kFromStation},
    {"fromcharger", LogDirection::kFromStation},
    {"fromcp", LogDirection::kFromStation},
    {"fromcsms", LogDirection::kToStation},
    {"fromstation", LogDirection::kFromStation},
    {"in", LogDirection::kReceived},
    {"inbound", LogDirection::kReceived},
    {"incoming", LogDirection::kReceived},
    {"out", LogDirection::kSent},
    {"outbound", LogDirection::kSent},
    {"outgoing", LogDirection::kSent},
    {"receive", LogDirection::kReceived},
    {"received", LogDirection::kReceived},
    {"receiving", LogDirection::kReceived},
    {"recv", LogDirection::kReceived},
    {"rx", LogDirection::kReceived},
    {"send", LogDirection::kSent},
    {"sending", LogDirection::kSent},
    {"sent", LogDirection::kSent},
    {"stationtocsms", LogDirection::kFromStation},
    {"tochargepoint", LogDirection::kToStation},
    {"tocharger", LogDirection::kToStation},
    {"tocp", LogDirection::kToStation},
    {"tocsms", LogDirection::kFromStation},
    {"tostation", LogDirection::kToStation},
    {"tx", LogDirection::kSent},
});
static_assert(is_sorted(kDirections));

constexpr auto kSeverities = std::to_array<std::string_view>(
    {"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"});

constexpr auto kLevels = std::to_array<Entry<std::string_view>>({
    {"alert", "alert"},         {"crit", "critical"},    {"critical", "critical"},
    {"dbg", "debug"},           {"debug", "debug"},      {"emerg", "emergency"},
    {"emergency", "emergency"}, {"err", "error"},        {"error", "error"},
    {"fatal", "critical"},      {"ftl", "critical"},     {"inf", "info"},
    {"info", "info"},           {"information", "info"}, {"informational", "info"},
    {"notice", "notice"},       {"panic", "emergency"},  {"severe", "error"},
    {"silly", "trace"},         {"trace", "trace"},      {"trc", "trace"},
    {"verbose", "trace"},       {"vrb", "trace"},        {"warn", "warning"},
    {"warning", "warning"},     {"wrn", "warning"},
});
static_assert(is_sorted(kLevels));

constexpr auto kEventWords = std::to_array<Entry<LogEventWord>>({
    {"authenticationfailed", LogEventWord::kRefused},
    {"authenticationfailure", LogEventWord::kRefused},
    {"authfailed", LogEventWord::kRefused},
    {"authfailure", LogEventWord::kRefused},
    {"badmessage", LogEventWord::kMessage},
    {"call", LogEventWord::kMessage},
    {"callerror", LogEventWord::kMessage},
    {"callresult", LogEventWord::kMessage},
    {"close", LogEventWord::kClosed},
    {"closed", LogEventWord::kClosed},
    {"connect", LogEventWord::kOpened},
    {"connected", LogEventWord::kOpened},
    {"connectionaccepted", LogEventWord::kOpened},
    {"connectionclosed", LogEventWord::kClosed},
    {"connectionestablished", LogEventWord::kOpened},
    {"connectionopened", LogEventWord::kOpened},
    {"connectionrefused", LogEventWord::kRefused},
    {"connectionrejected", LogEventWord::kRefused},
    {"disconnect", LogEventWord::kClosed},
    {"disconnected", LogEventWord::kClosed},
    {"frame", LogEventWord::kMessage},
    {"handshakefailed", LogEventWord::kRefused},
    {"handshakerefused", LogEventWord::kRefused},
    {"handshakerejected", LogEventWord::kRefused},
    {"message", LogEventWord::kMessage},
    {"ocpp", LogEventWord::kMessage},
    {"ocppmessage", LogEventWord::kMessage},
    {"open", LogEventWord::kOpened},
    {"opened", LogEventWord::kOpened},
    {"refused", LogEventWord::kRefused},
    {"rejected", LogEventWord::kRefused},
    {"unauthorized", LogEventWord::kRefused},
    {"upgradeaborted", LogEventWord::kRefused},
    {"upgraderefused", LogEventWord::kRefused},
    {"upgraderejected", LogEventWord::kRefused},
});
static_assert(is_sorted(kEventWords));

}  // namespace

LogRole log_role(std::string_view name) noexcept {
  const LogRole* const found = look_up(kRoles, name);
  return found != nullptr ? *found : LogRole::kNone;
}

std::optional<LogDirection> log_direction(std::string_view word) noexcept {
  const LogDirection* const found = look_up(kDirections, word);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::string_view log_level(std::string_view word) noexcept {
  const std::string_view* const found = look_up(kLevels, word);
  return found != nullptr ? *found : std::string_view();
}

std::string_view log_level_of_severity(unsigned severity) noexcept {
  return severity < kSeverities.size() ? kSeverities[severity] : std::string_view();
}

std::string_view log_level_of_number(std::string_view digits) noexcept {
  constexpr auto kNumbers = std::to_array<std::string_view>(
      {"", "trace", "debug", "info", "warning", "error", "critical"});
  if (digits.size() == 1 && digits[0] >= '0') {
    return log_level_of_severity(static_cast<unsigned>(digits[0] - '0'));
  }
  if (digits.size() != 2 || digits[1] != '0' || digits[0] < '1' || digits[0] > '6') return {};
  return kNumbers[static_cast<std::size_t>(digits[0] - '0')];
}

LogEventWord log_event_word(std::string_view word) noexcept {
  const LogEventWord* const found = look_up(kEventWords, word);
  return found != nullptr ? *found : LogEventWord::kOther;
}

}  // namespace chargewarden
