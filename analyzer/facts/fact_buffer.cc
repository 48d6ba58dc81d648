#include "analyzer/facts/fact_buffer.h"

#include <type_traits>

namespace chargewarden {

namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

constexpr std::size_t words_of(std::size_t bytes) {
  return (bytes + kWord - 1) / kWord;
}

// Facts lie in words, so each part must be made of whole ones and be free to be copied.
template <typename Part>
constexpr bool kFitsWords = std::is_trivially_copyable_v<Part> && sizeof(Part) % kWord == 0 &&
                            alignof(Part) <= alignof(std::uint64_t);
static_assert(kFitsWords<FactHead> && kFitsWords<FactValue> && kFitsWords<Reading>);

constexpr std::size_t kHeadWords = words_of(sizeof(FactHead));
constexpr std::size_t kValueWords = words_of(sizeof(FactValue));
constexpr std::size_t kReadingWords = words_of(sizeof(Reading));

template <typename Part>
std::span<const Part> parts(const std::uint64_t* words, std::size_t count) {
  return {static_cast<const Part*>(static_cast<const void*>(words)), count};
}

}  // namespace

void FactBuffer::commit() {
  head_.values = static_cast<std::uint16_t>(values_.size());
  head_.readings = static_cast<std::uint16_t>(readings_.size());
  head_.text_len = static_cast<std::uint32_t>(texts_.size());
  std::size_t place = words_.size();
  words_.resize(place + kHeadWords + kValueWords * values_.size() +
                kReadingWords * readings_.size() + words_of(texts_.size()));
  const auto put = [&](const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(&words_[place], from, bytes);
    place += words_of(bytes);
  };
  put(&head_, sizeof head_);
  put(values_.data(), values_.size() * sizeof(FactValue));
  put(readings_.data(), readings_.size() * sizeof(Reading));
  put(texts_.data(), texts_.size());
}

std::size_t FactBuffer::next(std::size_t place) const noexcept {
  const FactHead& head = head_at(place);
  return place + kHeadWords + kValueWords * head.values + kReadingWords * head.readings +
         words_of(head.text_len);
}

Fact FactBuffer::read(std::size_t place) const noexcept {
  const FactHead& head = head_at(place);
  const std::uint64_t* at = words_.data() + place + kHeadWords;
  const auto values = parts<FactValue>(at, head.values);
  at += kValueWords * head.values;
  const auto readings = parts<Reading>(at, head.readings);
  at += kReadingWords * head.readings;
  const std::string_view texts = {static_cast<const char*>(static_cast<const void*>(at)),
                                  head.text_len};
  return {head, values, readings, texts};
}

}  // namespace chargewarden
