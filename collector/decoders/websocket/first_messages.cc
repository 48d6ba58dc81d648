#include "collector/decoders/websocket/first_messages.h"

#include <algorithm>

namespace chargewarden::websocket {

FirstMessages::Kept* FirstMessages::add(Side sender, std::uint64_t len,
                                        const StreamContext& context) {
  if (kept_.size() >= kKeptBeforeDecisionMax) {
    context.shard.stats.limits.hit(Limit::kJudgedMessages);
    return nullptr;
  }
  Kept& out = kept_.emplace_back();
  out.sender = sender;
  out.len = len;
  out.time_ns = context.time_ns;
  out.origin = context.origin;
  return &out;
}

void FirstMessages::keep(const WebSocketMessage& message, const StreamContext& context) {
  if (!message.damaged) ++judged_;
  Kept* kept = add(message.sender, message.text.size(), context);
  if (kept == nullptr) return;
  const bool cut = message.text.size() > kJudgedTextMaxLen;
  if (cut) context.shard.stats.limits.hit(Limit::kJudgedMessages);
  kept->is_text = message.is_text;
  kept->damaged = message.damaged || cut;
  kept->text.reserve(std::min(message.text.size(), kJudgedTextMaxLen) + kJsonPadding);
  kept->text = message.text.substr(0, kJudgedTextMaxLen);
  kept->text.append(kJsonPadding, ' ');
}

void FirstMessages::keep_anomaly(std::string_view kind, Side sender, std::uint64_t len,
                                 const StreamContext& context) {
  Kept* kept = add(sender, len, context);
  if (kept != nullptr) kept->anomaly = kind;
}

}  // namespace chargewarden::websocket
