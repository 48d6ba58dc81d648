// Halves of FTP transfers find each other.

#include "analyzer/detectors/firmware/ftp_files.h"

#include <catch2/catch.hpp>

#include "analyzer/facts/fact_buffer.h"
#include "collector/event/flow_info.h"

using namespace chargewarden;
using namespace chargewarden::firmware;

namespace {

// Facts of one FTP server and one client, one after the other.
class Transfers {
 public:
  // `from_client`: the client opens the connection.
  void open(std::uint32_t slot, bool from_client = true, std::uint16_t port = 21) {
    begin(FactKind::kOpened, slot);
    facts_.add_text(FactField::kClientIp, from_client ? "10.0.0.1" : "10.0.0.9");
    facts_.add_text(FactField::kServerIp, from_client ? "10.0.0.9" : "10.0.0.1");
    facts_.add_number(FactField::kClientPort, 40'000);
    facts_.add_number(FactField::kServerPort, port);
    finish();
  }

  std::optional<FetchedFile> transfer(std::string_view ip, std::int64_t port,
                                      std::string_view command = "RETR", std::int64_t start = 0,
                                      std::int64_t status = 226) {
    begin(FactKind::kFtp, 0);
    facts_.add_text(FactField::kMethod, command);
    facts_.add_text(FactField::kPath, "img.bin");
    facts_.add_text(FactField::kDataIp, ip);
    facts_.add_number(FactField::kDataPort, port);
    if (start > 0) facts_.add_number(FactField::kRangeStart, start);
    facts_.add_number(FactField::kStatusCode, status);
    const Fact fact = finish();
    return files_.on_transfer(fact, world_);
  }

  std::optional<FetchedFile> close(std::uint32_t slot, FactField hash, FactField bytes) {
    begin(FactKind::kClosed, slot);
    facts_.add_text(hash, "ab12");
    facts_.add_number(bytes, 5'000);
    const Fact fact = finish();
    auto out = files_.on_closed(fact, world_);
    world_.commit(fact);
    return out;
  }

  std::optional<FetchedFile> close_passive(std::uint32_t slot) {
    return close(slot, FactField::kServerSha256, FactField::kServerBytes);
  }

  void wait_s(std::int64_t seconds) { time_ns_ += seconds * 1'000'000'000; }

  [[nodiscard]] const FtpFiles& files() const { return files_; }

 private:
  void begin(FactKind kind, std::uint32_t slot) {
    time_ns_ += 1'000'000;
    FactHead head;
    head.kind = kind;
    head.slot = slot;
    head.has_flow = true;
    head.time_ns = time_ns_;
    facts_.clear();
    facts_.begin(head, {});
  }

  Fact finish() {
    facts_.commit();
    const Fact fact = facts_.read(0);
    world_.prepare(fact, 0);
    return fact;
  }

  World world_{HashKey{}};
  FtpFiles files_{HashKey{}};
  FactBuffer facts_;
  std::int64_t time_ns_ = 1'767'225'600'000'000'000;
};

void check_file(const std::optional<FetchedFile>& file) {
  REQUIRE(file);
  CHECK(file->location.scheme == "ftp");
  CHECK(file->location.host == "10.0.0.9");
  CHECK(file->location.path == "img.bin");
  CHECK(file->client == "10.0.0.1");
  CHECK(file->sha256 == "ab12");
  CHECK(file->size_bytes == 5'000);
}

}  // namespace

TEST_CASE("a file is put together whichever half comes first, once") {
  Transfers named_first;
  named_first.open(0);
  CHECK_FALSE(named_first.transfer("10.0.0.9", 30'001));
  named_first.open(1, true, 30'001);
  check_file(named_first.close_passive(1));
  named_first.open(1, true, 30'001);
  CHECK_FALSE(named_first.close_passive(1));

  Transfers data_first;
  data_first.open(0);
  data_first.open(1, true, 30'001);
  CHECK_FALSE(data_first.close_passive(1));
  check_file(data_first.transfer("10.0.0.9", 30'001));
  CHECK_FALSE(data_first.transfer("10.0.0.9", 30'001));
}

TEST_CASE("in active mode the server opens the data connection and its bytes count") {
  Transfers active;
  active.open(0);
  active.open(1, false, 40'123);
  CHECK_FALSE(active.close(1, FactField::kClientSha256, FactField::kClientBytes));
  check_file(active.transfer("10.0.0.1", 40'123));
}

TEST_CASE("uploads, the rest of a file and transfers that failed are no images") {
  struct Row {
    const char* command;
    std::int64_t start;
    std::int64_t status;
  };

  for (const Row& row : {Row{"STOR", 0, 226},
                         {"APPE", 0, 226},
                         {"RETR", 100, 226},
                         {"RETR", 0, 426},
                         {"RETR", 0, 451},
                         {"RETR", 0, 550}}) {
    INFO(row.command << " from " << row.start << ": " << row.status);
    Transfers each;
    each.open(0);
    each.open(1, true, 30'001);
    CHECK_FALSE(each.close_passive(1));
    CHECK_FALSE(each.transfer("10.0.0.9", 30'001, row.command, row.start, row.status));
  }
}

TEST_CASE("bytes that went the other way are not the file") {
  Transfers upload;
  upload.open(0);
  upload.open(1, true, 30'001);
  CHECK_FALSE(upload.close(1, FactField::kClientSha256, FactField::kClientBytes));
  CHECK_FALSE(upload.transfer("10.0.0.9", 30'001));
}

TEST_CASE("halves do not wait for ever") {
  Transfers late;
  late.open(0);
  CHECK_FALSE(late.transfer("10.0.0.9", 30'001));
  late.wait_s(3'600);
  late.open(1, true, 30'001);
  CHECK_FALSE(late.close_passive(1));
  CHECK(late.files().dropped() == 0);
}

TEST_CASE("halves that wait are bounded") {
  Transfers flood;
  flood.open(0);
  for (std::size_t i = 0; i <= kFtpHalvesMax; ++i) {
    CHECK_FALSE(flood.transfer("10.0.0.9", static_cast<std::int64_t>(20'000 + i)));
  }
  CHECK(flood.files().dropped() == 1);
  flood.open(1, true, 20'000);
  CHECK_FALSE(flood.close_passive(1));
  flood.open(1, true, 20'001);
  CHECK(flood.close_passive(1));
}
