#pragma once
// Outbox: what one shard found while it worked on a batch of packets, in order.
//
// Shards work side by side; afterwards one thread takes their outboxes in the order of the packets,
// so that results do not depend on the number of threads. Text lives in one buffer that is reused.
// Facts for the detectors stand beside the notes, in the same order.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/facts/fact_buffer.h"

namespace chargewarden {

enum class NoteKind : std::uint8_t {
  kMatch,   // A rule matched; `text` is the event as flat JSON when the group is new to the shard.
  kEvent,   // An event for --events; `text` is its flat JSON.
  kAction,  // A security-relevant OCPP message for the audit trail; `text` is its flat JSON.
};

// A piece of an outbox's text.
struct TextRef {
  std::uint32_t offset = 0;
  std::uint32_t len = 0;
};

struct Note {
  std::uint64_t order = 0;  // Of the packet within the run.
  std::int64_t time_ns = 0;
  std::uint64_t packet_number = 0;
  NoteKind kind = NoteKind::kMatch;
  std::uint16_t source = 0;  // Index of the input.
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t rule = 0;
  std::uint32_t event = 0;  // Of a match: ordinal of its event in the shard, tells events apart.
  bool alerts = false;      // Of a match: the rule raises an alert of its own.
  bool correlates = false;  // Of a match: a correlation refers to the rule.
  TextRef station;
  TextRef source_ip;
  TextRef destination_ip;
  TextRef flow_id;
  TextRef event_name;
  TextRef direction;
  TextRef action;
  TextRef outcome;
  TextRef text;
  TextRef values;  // Of a match that correlates: what correlations read of it (field_texts.h).
  // Of a match: the packets that led to it, 8 bytes each in the order of memory, as pack_tag() of
  // packet_tag.h makes them; empty: its own packet alone.
  TextRef packets;
};

class Outbox {
 public:
  [[nodiscard]] const std::vector<Note>& notes() const noexcept { return notes_; }

  [[nodiscard]] std::string_view view(TextRef ref) const noexcept {
    return std::string_view(text_).substr(ref.offset, ref.len);
  }

  TextRef keep(std::string_view text) {
    const TextRef ref{static_cast<std::uint32_t>(text_.size()),
                      static_cast<std::uint32_t>(text.size())};
    text_ += text;
    return ref;
  }

  // For text that is rendered in place: append to buffer(), then kept_since() names it.
  [[nodiscard]] std::string& buffer() noexcept { return text_; }

  [[nodiscard]] TextRef kept_since(std::size_t offset) const noexcept {
    return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(text_.size() - offset)};
  }

  void add(const Note& note) { notes_.push_back(note); }

  [[nodiscard]] FactBuffer& facts() noexcept { return facts_; }

  [[nodiscard]] const FactBuffer& facts() const noexcept { return facts_; }

  void clear() noexcept {
    facts_.clear();
    notes_.clear();
    text_.clear();
  }

 private:
  std::vector<Note> notes_;
  std::string text_;
  FactBuffer facts_;
};

}  // namespace chargewarden
