#include "collector/wire/packet/flow_hash.h"

#include <algorithm>
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

TEST_CASE("the hash of tables knows both directions, every part of the flow and its key") {
  for (const HashKey& secret : {HashKey{}, HashKey{1, 0}, HashKey{0, ~std::uint64_t{0}}}) {
    const FlowHasher hash(secret);
    for (const std::uint32_t server : {0x0a000000U, 0x0a000001U, 0x0a000002U}) {
      CHECK(hash(key(0x0a000001, 50'000, server, 9'000, 7)) ==
            hash(key(server, 9'000, 0x0a000001, 50'000, 7)));
    }
    FlowKey six{*IpAddress::parse("fd00::1"), *IpAddress::parse("fd00::2"), 50'000, 9'000, 7};
    FlowKey six_back{six.destination_ip, six.source_ip, 9'000, 50'000, 7};
    CHECK(hash(six) == hash(six_back));
    FlowKey other_network = six;
    other_network.source_ip = *IpAddress::parse("fd01::1");
    const std::set<std::uint64_t> hashes = {
        hash(key(0x0a000001, 50'000, 0x0a000002, 9'000, 7)),
        hash(key(0x0a000001, 9'000, 0x0a000002, 50'000, 7)),
        hash(key(0x0a000001, 50'001, 0x0a000002, 9'000, 7)),
        hash(key(0x0a000001, 50'000, 0x0a000002, 9'001, 7)),
        hash(key(0x0a000003, 50'000, 0x0a000002, 9'000, 7)),
        hash(key(0x0a000001, 50'000, 0x0a000002, 9'000, 8)),
        hash(six),
        hash(other_network),
        FlowHasher(HashKey{7, 7})(six),
    };
    CHECK(hashes.size() == 9);
  }
}

TEST_CASE("flows that were made to collide without a key do not collide with one") {
  // Addresses of this network leave nothing of the rest of themselves in the hash without a key.
  constexpr std::size_t kFlows = 4'096;
  constexpr std::size_t kSlots = 2 * kFlows;
  std::set<std::uint64_t> shard_hashes;
  for (const HashKey& secret : {HashKey{}, HashKey{1, 2}, HashKey{0x1234567890abcdef, 3}}) {
    const FlowHasher hash(secret);
    std::array<unsigned, kSlots> slots{};
    for (std::size_t i = 0; i < kFlows; ++i) {
      std::array<std::uint8_t, 16> bytes = {0xd3, 0x08, 0xa3, 0x85, 0x88, 0x6a, 0x3f, 0x24};
      bytes[14] = static_cast<std::uint8_t>(i >> 8U);
      bytes[15] = static_cast<std::uint8_t>(i);
      FlowKey flow = key(0, 0, 0x0a000002, 443);
      flow.source_ip = IpAddress::from_bytes(bytes);
      flow.source_port = static_cast<std::uint16_t>(i * 7);
      shard_hashes.insert(symmetric_flow_hash(flow));
      ++slots[hash(flow) % kSlots];
    }
    // Balls in bins: seven in one slot has a chance of about one in 2,000.
    CHECK(*std::max_element(slots.begin(), slots.end()) < 8);
  }
  CHECK(shard_hashes.size() == 1);
}
