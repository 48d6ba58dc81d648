#include "analyzer/detectors/network/address_book.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/facts/fact_buffer.h"

namespace chargewarden::network {

namespace {

// The World and a book beside it, as the detector keeps them.
class Notes {
 public:
  explicit Notes(std::size_t addresses_max) : world_(HashKey{}), book_(HashKey{}, addresses_max) {}

  void connect(std::string_view station, const std::string& address, std::uint32_t slot) {
    play(FactKind::kOpened, "", address, slot);
    play(FactKind::kUpgrade, station, address, slot);
  }

  [[nodiscard]] AddressBook& book() noexcept { return book_; }

  [[nodiscard]] const World& world() const noexcept { return world_; }

 private:
  void play(FactKind kind, std::string_view station, const std::string& address,
            std::uint32_t slot) {
    FactBuffer buffer;
    FactHead head;
    head.time_ns = 1;
    head.kind = kind;
    head.has_flow = true;
    head.slot = slot;
    buffer.begin(head, station);
    if (kind == FactKind::kOpened) {
      buffer.add_text(FactField::kClientIp, address);
      buffer.add_text(FactField::kServerIp, "10.9.0.1");
    } else {
      buffer.add_number(FactField::kIsOcpp, 1);
    }
    buffer.commit();
    const Fact fact = buffer.read(0);
    world_.prepare(fact, 0);
    if (kind == FactKind::kUpgrade) book_.note(fact, world_);
    world_.commit(fact);
  }

  World world_;
  AddressBook book_;
};

}  // namespace

TEST_CASE("an address is its station's, and the other end a backend") {
  Notes notes(100);
  notes.connect("CP1", "10.0.0.1", 0);
  CHECK(notes.book().owner("10.0.0.1", notes.world()) == notes.world().find_station("CP1"));
  CHECK(notes.book().owner("10.9.0.1", notes.world()) == kNoStation);
  CHECK(notes.book().owner("10.0.0.2", notes.world()) == kNoStation);
  CHECK(notes.book().is_backend("10.9.0.1", 1));
  CHECK_FALSE(notes.book().is_backend("10.0.0.1", 1));
}

TEST_CASE("the book of addresses is bounded") {
  constexpr std::size_t kMax = 50;
  static_assert(kMax < kAddressesMax);
  Notes notes(kMax);
  // The backend has a place of its own, and stays because all come to it.
  for (std::uint32_t i = 0; i < kMax + 10; ++i) {
    notes.connect(fmt::format("CP{}", i), fmt::format("10.0.1.{}", i), i);
  }
  CHECK(notes.book().dropped() == 11);
  CHECK(notes.book().is_backend("10.9.0.1", 1));
  CHECK(notes.book().owner("10.0.1.0", notes.world()) == kNoStation);
  CHECK(notes.book().owner("10.0.1.59", notes.world()) != kNoStation);
}

}  // namespace chargewarden::network
