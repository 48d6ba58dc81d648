#pragma once
// FactExtractor: turns the events of a shard into facts. Belongs to its shard's thread.

#include <cstdint>
#include <vector>

#include "analyzer/facts/fact_buffer.h"
#include "analyzer/facts/message_fields.h"
#include "collector/base/siphash.h"
#include "collector/event/event.h"

namespace chargewarden {

class FactExtractor {
 public:
  // The key guards hashes of ids and payloads against prepared ones; they are only compared.
  explicit FactExtractor(const HashKey& hash_key);

  // Whether facts are made of such events at all.
  static bool wants(const EventDef& def);

  // Whether the call must be kept until its answer comes.
  static bool wants_request(ocpp::ActionId action);

  // Adds the fact of the event, if it makes one; `order` is the place of its packet in the run.
  void add(const Event& event, std::uint64_t order, FactBuffer& out);

 private:
  void add_message(const Event& event, FactBuffer& out);
  void add_members(const JsonWalk& walk, std::size_t token, std::span<const MemberDef> members,
                   FactBuffer& out);
  void add_member(const JsonWalk& walk, std::size_t token, const MemberDef& member,
                  FactBuffer& out);
  void add_inside(const JsonWalk& walk, std::size_t token, const MemberDef& member,
                  FactBuffer& out);
  static void add_text(std::string_view text, const MemberDef& member, FactBuffer& out);
  static void add_number(const Value& value, const MemberDef& member, FactBuffer& out);
  [[nodiscard]] std::int64_t hash(std::string_view text) const noexcept;

  HashKey hash_key_;
  ValueArena arena_;
};

}  // namespace chargewarden
