#include "collector/capture/capture_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <strings.h>

#include "collector/base/text.h"
#include "collector/capture/unpack.h"

namespace chargewarden {

namespace {

// Asked of the operating system at once. What is left of it when a batch is full is copied.
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kStartBytes = PcapParser::kFileHeaderLen;

std::string base_name(const std::string& path) {
  if (path == "-") return "stdin";
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string shown_path(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

// What a file that is not a capture begins with; enough to recognise it, too little to leak it.
std::string first_bytes(Bytes start) {
  constexpr std::size_t kShown = 4;
  std::string out;
  for (const std::uint8_t byte : start.first(std::min(start.size(), kShown))) {
    out += fmt::format("{}{:02x}", out.empty() ? "" : " ", byte);
  }
  return out;
}

Expected<std::vector<std::uint8_t>> read_start(ByteInput& input) {
  std::vector<std::uint8_t> start(kStartBytes);
  std::size_t len = 0;
  while (len < start.size()) {
    auto count = input.read(std::span(start).subspan(len));
    if (!count) return count.error();
    if (*count == 0) break;
    len += *count;
  }
  start.resize(len);
  return start;
}

}  // namespace

Expected<std::unique_ptr<CaptureSource>> CaptureSource::open(const std::string& path,
                                                             const StopRequest* stop) {
  auto file = FileInput::open(path, stop);
  if (!file) return file.error();
  return from_input(std::move(*file), path, stop);
}

Expected<std::unique_ptr<CaptureSource>> CaptureSource::from_input(std::unique_ptr<ByteInput> input,
                                                                   const std::string& path,
                                                                   const StopRequest* stop) {
  const auto unreadable = [&path](const std::string& why) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("cannot read \"{}\": {}", shown_path(path), why)};
  };
  auto stream = unpacked(std::move(input));
  if (!stream) return stream.error();
  auto start = read_start(**stream);
  if (!start) return start.error();
  const std::string damage = (*stream)->damage();
  if (!damage.empty() && start->size() < kStartBytes) return unreadable(damage);
  if (start->empty()) return unreadable("it is empty");
  const bool is_pcap = PcapParser::recognises(*start);
  if (!is_pcap && !PcapngParser::recognises(*start)) {
    return unreadable(
        fmt::format("not a pcap or pcapng file (begins with {})", first_bytes(*start)));
  }
  if (is_pcap && start->size() < PcapParser::kFileHeaderLen) {
    return unreadable("it ends within the pcap file header");
  }
  if (is_pcap) {
    return std::unique_ptr<CaptureSource>(
        new CaptureSource(std::move(*stream), path, PcapParser(*start), {}, stop));
  }
  return std::unique_ptr<CaptureSource>(
      new CaptureSource(std::move(*stream), path, PcapngParser(), std::move(*start), stop));
}

CaptureSource::CaptureSource(std::unique_ptr<ByteInput> input, std::string path, Parser parser,
                             std::vector<std::uint8_t> rest, const StopRequest* stop)
    : input_(std::move(input)),
      stop_(stop),
      path_(std::move(path)),
      name_(base_name(path_)),
      parser_(std::move(parser)),
      carry_(std::move(rest)) {}

CaptureSource::~CaptureSource() {
  // Parts of secrets blocks may have passed through here.
  if (!carry_.empty()) ::explicit_bzero(carry_.data(), carry_.size());
}

std::string_view CaptureSource::secrets() const {
  return as_text(std::visit([](const auto& parser) { return parser.secrets(); }, parser_));
}

const CaptureCounters& CaptureSource::counters() const {
  return std::visit([](const auto& parser) -> const CaptureCounters& { return parser.counters(); },
                    parser_);
}

Expected<bool> CaptureSource::read(PacketBatch& batch, std::size_t packets_max) {
  batch.packets.clear();
  if (failure_) return *std::exchange(failure_, std::nullopt);
  if (ended_ || packets_max == 0) return false;
  fill_from_carry(batch);
  bool short_read = false;
  while (true) {
    const auto progress =
        parse(std::span(batch.storage).subspan(parsed_, filled_ - parsed_), batch, packets_max);
    parsed_ += progress.consumed;
    wanted_ = progress.wanted;
    drained_ = batch.packets.size() < packets_max;
    if (ended_ || !drained_) break;
    if (short_read && !batch.packets.empty()) break;
    if (!make_room(batch)) break;
    const auto count = read_more(batch);
    if (!count) {
      ended_ = true;
      if (batch.packets.empty()) return count.error();
      failure_ = count.error();
      break;
    }
    short_read = count.value() < kReadBytes || input_->must_wait();
    if (count.value() == 0) {
      finish(filled_ - parsed_);
      break;
    }
  }
  carry_.assign(batch.storage.begin() + static_cast<std::ptrdiff_t>(parsed_),
                batch.storage.begin() + static_cast<std::ptrdiff_t>(filled_));
  return !batch.packets.empty();
}

ParseProgress CaptureSource::parse(std::span<std::uint8_t> window, PacketBatch& batch,
                                   std::size_t packets_max) {
  const auto progress = std::visit(
      [&](auto& parser) { return parser.parse(window, batch.packets, packets_max); }, parser_);
  const std::string& cause = std::visit(
      [](const auto& parser) -> const std::string& { return parser.problem(); }, parser_);
  if (!cause.empty()) {
    ended_ = true;
    problem_ =
        fmt::format("\"{}\" is damaged: {}; reading stopped there", shown_path(path_), cause);
  }
  return progress;
}

void CaptureSource::fill_from_carry(PacketBatch& batch) {
  batch.storage.resize(std::max({kBatchBytes, batch.storage.size(), carry_.size()}));
  std::copy(carry_.begin(), carry_.end(), batch.storage.begin());
  parsed_ = 0;
  filled_ = carry_.size();
}

// Makes sure that the rest of the record at parsed_ fits behind filled_. The storage may move only
// while no packet of the batch refers to it; false when the batch has to be handed out first.
bool CaptureSource::make_room(PacketBatch& batch) {
  const std::size_t wanted = std::max<std::size_t>(wanted_, filled_ - parsed_ + 1);
  if (wanted <= batch.storage.size() - parsed_) return true;
  if (!batch.packets.empty()) return false;
  std::copy(batch.storage.begin() + static_cast<std::ptrdiff_t>(parsed_),
            batch.storage.begin() + static_cast<std::ptrdiff_t>(filled_), batch.storage.begin());
  filled_ -= parsed_;
  parsed_ = 0;
  if (wanted > batch.storage.size()) batch.storage.resize(wanted);
  return true;
}

Expected<std::size_t> CaptureSource::read_more(PacketBatch& batch) {
  // Asked here too: a few packed bytes may still stand for gigabytes of packets.
  if (stop_requested()) return std::size_t{0};
  const auto room = std::span(batch.storage).subspan(filled_);
  auto count = input_->read(room.first(std::min(room.size(), kReadBytes)));
  if (count) filled_ += *count;
  return count;
}

void CaptureSource::finish(std::size_t bytes_left) {
  ended_ = true;
  stopped_ = stop_requested();
  if (stopped_) return;
  const bool inside =
      bytes_left > 0 ||
      std::visit([](const auto& parser) { return parser.inside_record(); }, parser_);
  const std::string damage = input_->damage();
  if (!damage.empty()) {
    problem_ = fmt::format("\"{}\" was read up to packet {}: {}", shown_path(path_),
                           counters().packets, damage);
  } else if (inside) {
    problem_ = fmt::format(
        "\"{}\" ends in the middle of a record, after packet {}: the capture was "
        "cut off",
        shown_path(path_), counters().packets);
  }
}

std::string link_type_name(std::uint16_t link_type) {
  // libpcap names DLT_ values. They are the LINKTYPE_ values of files but for those whose DLT_
  // differs between systems; LINKTYPE_RAW is the one among them that is seen in the field.
  constexpr std::uint16_t kLinkTypeRaw = 101;
  const char* name = ::pcap_datalink_val_to_name(link_type == kLinkTypeRaw ? DLT_RAW : link_type);
  if (name == nullptr) return fmt::format("link type {}", link_type);
  return fmt::format("LINKTYPE_{} ({})", name, link_type);
}

}  // namespace chargewarden
