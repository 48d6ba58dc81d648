#include "alerts/model/packet_list.h"

#include <vector>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

std::vector<std::uint64_t> numbers_of(const PacketList& list) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back(list[i].number());
  return out;
}

}  // namespace

TEST_CASE("a packet is known by input and number") {
  const PacketRef packet(65'535, (std::uint64_t{1} << 48U) - 1);
  CHECK(packet.input() == 65'535);
  CHECK(packet.number() == (std::uint64_t{1} << 48U) - 1);
  CHECK(PacketRef(1, 9) < PacketRef(2, 1));
  CHECK(PacketRef(1, 1) < PacketRef(1, 2));
  CHECK(PacketRef(0, std::uint64_t{1} << 48U) == PacketRef(0, 0));
}

TEST_CASE("of many packets the first and the latest are kept") {
  std::vector<std::uint64_t> all;
  PacketList list;
  CHECK(list.empty());
  for (std::uint64_t number = 1; number <= 3 * (kFirstPacketsMax + kLastPacketsMax); ++number) {
    list.add({0, number});
    all.push_back(number);
    std::vector<std::uint64_t> expected = all;
    if (all.size() > kFirstPacketsMax + kLastPacketsMax) {
      expected.erase(expected.begin() + kFirstPacketsMax,
                     expected.end() - static_cast<std::ptrdiff_t>(kLastPacketsMax));
    }
    CHECK(numbers_of(list) == expected);
    CHECK(list.count() == number);
  }
}

TEST_CASE("a packet that holds several findings is named once") {
  PacketList list;
  for (const std::uint64_t number : {1U, 1U, 2U, 2U, 2U, 1U}) list.add({0, number});
  list.add({1, 1});
  CHECK(numbers_of(list) == std::vector<std::uint64_t>{1, 2, 1, 1});
  CHECK(list.count() == 4);
}
