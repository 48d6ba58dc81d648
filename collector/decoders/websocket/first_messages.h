#pragma once
// FirstMessages: what a WebSocket said before it was clear whether it carries OCPP.
//
// Only for those without an OCPP subprotocol: a CSMS may answer 101 without one, and stations say
// other things first, such as a text of their own to keep the connection alive. Messages and
// anomalies wait here, with their time and place; when OCPP follows they are handed on in order,
// otherwise they are nobody's. Owned by the decoder of its connection.

#include <cstdint>
#include <string>
#include <vector>

#include "collector/decoders/decoder.h"

namespace chargewarden::websocket {

// Whole messages, of both sides together, among which one must be OCPP: BootNotification is the
// first call of a station, and what comes before it are greetings and probes.
// Test: first_messages_test.cc "a WebSocket is judged by its first messages".
inline constexpr std::size_t kJudgedMessagesMax = 8;

// Bytes of each that are kept: nearly all OCPP messages are shorter (OCPP-J 2.1, 4.1). Of a longer
// one the begin is kept, and it counts as partial.
// Test: first_messages_test.cc "of a long message before the decision".
inline constexpr std::size_t kJudgedTextMaxLen = 2'048;

// Messages and anomalies that are kept: those that are damaged or abuse the framing do not count as
// judged. Test: first_messages_test.cc "more before the decision than is kept".
inline constexpr std::size_t kKeptBeforeDecisionMax = 32;

class FirstMessages {
 public:
  struct Kept {
    Side sender = Side::kClient;
    bool is_text = true;
    bool damaged = false;
    std::int64_t time_ns = 0;
    Origin origin;
    std::string_view anomaly;  // Its kind; empty for a message.
    std::uint64_t len = 0;     // Bytes on the wire.
    std::string text;          // Of a message, with kJsonPadding bytes behind it.

    [[nodiscard]] WebSocketMessage message() const noexcept {
      const std::string_view view(text);
      return {sender, is_text, damaged, view.substr(0, view.size() - kJsonPadding)};
    }
  };

  // Counts what cannot be kept whole as Limit::kJudgedMessages.
  void keep(const WebSocketMessage& message, const StreamContext& context);
  void keep_anomaly(std::string_view kind, Side sender, std::uint64_t len,
                    const StreamContext& context);

  // Whole messages so far.
  [[nodiscard]] std::size_t judged() const noexcept { return judged_; }

  [[nodiscard]] const std::vector<Kept>& kept() const noexcept { return kept_; }

 private:
  Kept* add(Side sender, std::uint64_t len, const StreamContext& context);

  std::vector<Kept> kept_;
  std::size_t judged_ = 0;
};

}  // namespace chargewarden::websocket
