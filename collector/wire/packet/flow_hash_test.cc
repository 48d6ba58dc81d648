#include "collector/wire/packet/flow_hash.h"

#include <array>
#include <set>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

FlowKey key(std::uint32_t source, std::uint16_t source_port, std::uint32_t destination,
            std::uint16_t destination_port, std::uint32_t tunnel = 0) {
  const auto address = [](std::uint32_t value) {
    const std::array<std::uint8_t, 4> bytes = {
        static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
        static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
    return IpAddress::from_bytes(bytes);
  };
  return {address(source), address(destination), source_port, destination_port, tunnel};
}

}  // namespace

TEST_CASE("both directions of a connection have one hash, and its parts all count") {
  const FlowKey there = key(0x0a000001, 50'000, 0x0a000002, 9'000, 7);
  const FlowKey back = key(0x0a000002, 9'000, 0x0a000001, 50'000, 7);
  CHECK(symmetric_flow_hash(there) == symmetric_flow_hash(back));
  const std::set<std::uint64_t> hashes = {
      symmetric_flow_hash(there),
      // The ports belong to their addresses.
      symmetric_flow_hash(key(0x0a000001, 9'000, 0x0a000002, 50'000, 7)),
      symmetric_flow_hash(key(0x0a000001, 50'001, 0x0a000002, 9'000, 7)),
      symmetric_flow_hash(key(0x0a000001, 50'000, 0x0a000002, 9'001, 7)),
      symmetric_flow_hash(key(0x0a000003, 50'000, 0x0a000002, 9'000, 7)),
      symmetric_flow_hash(key(0x0a000001, 50'000, 0x0a000002, 9'000, 8)),
  };
  CHECK(hashes.size() == 6);
}

TEST_CASE("connections of one fleet spread evenly over the low and the high bits") {
  constexpr std::size_t kBuckets = 64;
  std::array<unsigned, kBuckets> low{};
  std::array<unsigned, kBuckets> high{};
  constexpr unsigned kStations = 256;
  constexpr unsigned kPorts = 64;
  for (unsigned station = 0; station < kStations; ++station) {
    for (unsigned port = 0; port < kPorts; ++port) {
      const auto hash = symmetric_flow_hash(
          key(0x0a000000 + station, static_cast<std::uint16_t>(40'000 + port), 0x0aff0001, 443));
      ++low[hash % kBuckets];
      ++high[hash >> 58U];
    }
  }
  constexpr unsigned kMean = kStations * kPorts / kBuckets;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    CHECK(low[i] > kMean / 2);
    CHECK(low[i] < kMean * 3 / 2);
    CHECK(high[i] > kMean / 2);
    CHECK(high[i] < kMean * 3 / 2);
  }
}
