#include "analyzer/app/commands/evidence_files.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "collector/base/text.h"
#include "collector/capture/capture_source.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::content_of;
using harness::TemporaryFolder;

namespace {

using Names = std::vector<std::string>;

// A capture whose packets hold their text, a second apart.
std::string capture_of(std::uint16_t link_type, std::int64_t first_s, const Names& texts) {
  std::string out;
  append_pcap_header({link_type, true}, out);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Packet packet;
    packet.data = as_bytes(texts[i]);
    packet.original_len = static_cast<std::uint32_t>(texts[i].size());
    packet.time_ns = (first_s + static_cast<std::int64_t>(i)) * 1'000'000'000 + 5;
    packet.link_type = link_type;
    append_pcap_record(packet, out);
  }
  return out;
}

// "text@seconds" for each packet.
Names packets_in(const std::string& path, std::uint16_t link_type = 1) {
  auto source = CaptureSource::open(path);
  REQUIRE(source);
  PacketBatch batch;
  Names out;
  while ((*source)->read(batch, 1024).value()) {
    for (const Packet& packet : batch.packets) {
      CHECK(packet.time_ns % 1'000'000'000 == 5);
      CHECK(packet.link_type == link_type);
      out.push_back(std::string(as_text(packet.data)) + "@" +
                    std::to_string(packet.time_ns / 1'000'000'000));
    }
  }
  return out;
}

Names files_in(const std::string& folder) {
  Names out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

void enter(EvidenceLedger& ledger, const std::string& uid,
           std::initializer_list<PacketRef> packets) {
  const auto alert = ledger.begin(uid);
  for (const PacketRef packet : packets) ledger.add(alert, packet);
}

}  // namespace

TEST_CASE("each alert gets a file with exactly its packets, in the order of the run") {
  const TemporaryFolder folder;
  const Names captures{folder.write("a.pcap", capture_of(1, 10, {"a1", "a2", "a3"})),
                       folder.write("b.pcap", capture_of(1, 11, {"b1", "b2", "b3"}))};
  EvidenceLedger ledger;
  enter(ledger, "one", {{0, 2}});
  enter(ledger, "two", {{1, 3}, {0, 3}, {1, 1}, {0, 2}, {1, 3}});
  enter(ledger, "none", {});
  const std::string out = folder.below("out");
  auto files = EvidenceFiles::open(out);
  REQUIRE(files);
  const auto written = (*files)->write(ledger, captures);
  REQUIRE(written);
  CHECK(written.value().files == 2);
  CHECK(written.value().packets == 5);
  CHECK(files_in(out) == Names{"one.pcap", "two.pcap"});
  CHECK(packets_in(out + "/one.pcap") == Names{"a2@11"});
  CHECK(packets_in(out + "/two.pcap") == Names{"a2@11", "b1@11", "a3@12", "b3@13"});

  struct stat info {};

  REQUIRE(::stat((out + "/one.pcap").c_str(), &info) == 0);
  CHECK((info.st_mode & 0077U) == 0);
  REQUIRE(::stat(out.c_str(), &info) == 0);
  CHECK((info.st_mode & 0077U) == 0);
}

TEST_CASE("packets of other link types go into files of their own") {
  const TemporaryFolder folder;
  const Names captures{folder.write("a.pcap", capture_of(1, 10, {"a1", "a2"})),
                       folder.write("b.pcap", capture_of(113, 9, {"b1", "b2"}))};
  EvidenceLedger ledger;
  enter(ledger, "x", {{0, 1}, {0, 2}, {1, 1}, {1, 2}});
  auto files = EvidenceFiles::open(folder.below("out"));
  REQUIRE(files);
  REQUIRE((*files)->write(ledger, captures));
  CHECK(files_in(folder.below("out")) == Names{"x-2.pcap", "x.pcap"});
  CHECK(packets_in(folder.below("out/x.pcap"), 113) == Names{"b1@9", "b2@10"});
  CHECK(packets_in(folder.below("out/x-2.pcap"), 1) == Names{"a1@10", "a2@11"});
}

TEST_CASE("what does not fit the memory is written bit by bit, with the same files") {
  const TemporaryFolder folder;
  const Names captures{folder.write("a.pcap", capture_of(1, 10, {"a1", "a2", "a3", "a4"}))};
  EvidenceLedger ledger;
  enter(ledger, "x", {{0, 1}, {0, 3}, {0, 4}});
  enter(ledger, "y", {{0, 1}, {0, 2}});
  for (const std::size_t buffer : {std::size_t{1}, std::size_t{60}, kEvidenceBufferMax}) {
    CAPTURE(buffer);
    const std::string out = folder.below("out" + std::to_string(buffer));
    // What an earlier run has left is replaced, finished or not.
    (void)folder.write("out" + std::to_string(buffer) + "/.x.pcap.part", "torn");
    (void)folder.write("out" + std::to_string(buffer) + "/x.pcap", "old");
    auto files = EvidenceFiles::open(out, buffer);
    REQUIRE(files);
    REQUIRE((*files)->write(ledger, captures));
    CHECK(files_in(out) == Names{"x.pcap", "y.pcap"});
    CHECK(packets_in(out + "/x.pcap") == Names{"a1@10", "a3@12", "a4@13"});
    CHECK(packets_in(out + "/y.pcap") == Names{"a1@10", "a2@11"});
  }
}

TEST_CASE("a capture that has changed is named, and the rest is written") {
  const TemporaryFolder folder;
  const Names captures{folder.write("a.pcap", capture_of(1, 10, {"a1", "a2"}))};
  EvidenceLedger ledger;
  enter(ledger, "x", {{0, 1}, {0, 9}});
  auto files = EvidenceFiles::open(folder.below("out"));
  REQUIRE(files);
  const auto written = (*files)->write(ledger, captures);
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::kReadWrite);
  CHECK(written.error().message.find("a.pcap\" has changed") != std::string::npos);
  CHECK(packets_in(folder.below("out/x.pcap")) == Names{"a1@10"});
}

TEST_CASE("a capture that is gone, and a file that cannot be written, leave nothing half done") {
  const TemporaryFolder folder;
  EvidenceLedger ledger;
  enter(ledger, "x", {{0, 1}});
  {
    auto files = EvidenceFiles::open(folder.below("out"));
    REQUIRE(files);
    const auto written = (*files)->write(ledger, {folder.below("gone.pcap")});
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::kReadWrite);
  }
  CHECK(files_in(folder.below("out")).empty());
  const std::string capture = folder.write("a.pcap", capture_of(1, 10, {"a1"}));
  (void)folder.write("out/x.pcap/stands/in/the/way", "");
  {
    auto files = EvidenceFiles::open(folder.below("out"));
    REQUIRE(files);
    const auto written = (*files)->write(ledger, {capture});
    REQUIRE_FALSE(written);
    CHECK(written.error().message.find("x.pcap") != std::string::npos);
  }
  CHECK(files_in(folder.below("out")) == Names{"x.pcap"});
}

TEST_CASE("a folder that cannot be one is refused with one sentence") {
  const TemporaryFolder folder;
  const std::string plain = folder.write("plain", "x");
  for (const std::string& path : {plain, folder.below("no/where"), plain + "/below"}) {
    CAPTURE(path);
    const auto files = EvidenceFiles::open(path);
    REQUIRE_FALSE(files);
    CHECK(files.error().code == ErrorCode::kUsage);
    CHECK(files.error().message.find(path) != std::string::npos);
  }
}

TEST_CASE("only files can be read twice") {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.pcap", "x");
  const std::string pipe = folder.below("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(check_readable_twice({file, folder.below("missing")}));
  for (const std::string& once : {std::string("-"), pipe}) {
    const auto answer = check_readable_twice({file, once});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::kUsage);
    CHECK(answer.error().message.find("\"" + once + "\"") != std::string::npos);
  }
}
