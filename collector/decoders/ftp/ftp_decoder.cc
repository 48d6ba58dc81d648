// FTP control connections (RFC 959): who logs in, what is fetched and stored, and over which data
// connection. Passwords are counted and wiped.
//
// Replies are matched with commands by their order. Until the client has sent a command of FTP it
// may be another protocol that greets with 220, such as mail; then nobody looks at it any more.

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <utility>

#include <openssl/crypto.h>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/decoders/ftp/data_endpoint.h"
#include "collector/event/defs/ftp_events.h"

namespace chargewarden::ftp {

namespace {

// What a command means to us.
enum class Verb : std::uint8_t {
  kOther,
  kUser,
  kPass,
  kPassive,
  kPort,
  kExtendedPort,
  kRestart,
  kTransfer,
  kAuth,
  kMail,  // Not FTP.
};

struct VerbName {
  std::string_view name;
  Verb verb;
};

constexpr auto kVerbs = std::to_array<VerbName>({
    {"USER", Verb::kUser},
    {"PASS", Verb::kPass},
    {"PASV", Verb::kPassive},
    {"EPSV", Verb::kPassive},
    {"PORT", Verb::kPort},
    {"EPRT", Verb::kExtendedPort},
    {"REST", Verb::kRestart},
    {"RETR", Verb::kTransfer},
    {"STOR", Verb::kTransfer},
    {"STOU", Verb::kTransfer},
    {"APPE", Verb::kTransfer},
    {"AUTH", Verb::kAuth},
    {"EHLO", Verb::kMail},
    {"HELO", Verb::kMail},
    {"LHLO", Verb::kMail},
});

struct Command {
  Verb verb = Verb::kOther;
  std::string name;      // Of a transfer.
  std::string argument;  // Never of PASS.
  std::int64_t password_bytes = -1;
  std::optional<DataEndpoint> endpoint;  // Of PORT and EPRT.
  std::optional<std::int64_t> status;    // Its newest reply.
};

Command read_command(std::string_view line) {
  Command out;
  const auto blank = line.find(' ');
  const std::string_view word = line.substr(0, blank);
  const std::string_view argument =
      blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  const auto* known = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbName& each) {
    return iequals_ascii(each.name, word);
  });
  if (known == kVerbs.end()) return out;
  out.verb = known->verb;
  out.name = known->name;
  if (out.verb == Verb::kPass) {
    out.password_bytes = static_cast<std::int64_t>(argument.size());
  } else {
    out.argument = argument.substr(0, kEventTextMaxLen);
  }
  return out;
}

class FtpDecoder : public StreamDecoder {
 public:
  void on_data(Side side, Bytes bytes, StreamContext& context) override {
    SideState& state = sides_[index_of(side)];
    while (!bytes.empty() && !context.stop && context.successor == nullptr) {
      const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{'\n'});
      const auto length = static_cast<std::size_t>(end - bytes.begin());
      keep(state, bytes.first(length), context);
      if (length == bytes.size()) return;
      bytes = bytes.subspan(length + 1);
      on_line(side, state, context);
    }
    if (context.successor != nullptr) {
      context.read_ahead[index_of(side)].assign(bytes.begin(), bytes.end());
    }
  }

  void on_gap(Side side, std::uint64_t /*missing_bytes*/, StreamContext& context) override {
    SideState& state = sides_[index_of(side)];
    wipe(state);
    state.lost = true;  // Up to the next end of a line.
    // Which reply belongs to which command is not known any more.
    tell_open(context);
    commands_.clear();
    in_reply_ = 0;
    greeted_ = greeted_ || side == Side::kServer;
  }

  void on_end(StreamContext& context) override {
    // What was told stays, should the connection go on, but is not told again.
    tell_open(context);
    for (Command& command : commands_) command.verb = Verb::kOther;
  }

  [[nodiscard]] std::string_view protocol() const override { return is_ftp_ ? "ftp" : "unknown"; }

 private:
  struct SideState {
    std::string line;
    std::size_t surplus_bytes = 0;  // Of the line, beyond the limit.
    bool lost = false;
  };

  static void wipe(SideState& state) {
    OPENSSL_cleanse(state.line.data(), state.line.size());
    state.line.clear();
    state.surplus_bytes = 0;
  }

  static void keep(SideState& state, Bytes bytes, StreamContext& context) {
    if (state.line.capacity() < kFtpLineMaxLen) state.line.reserve(kFtpLineMaxLen);
    const std::size_t room = kFtpLineMaxLen - state.line.size();
    state.line += as_text(bytes.first(std::min(room, bytes.size())));
    if (bytes.size() <= room) return;
    if (state.surplus_bytes == 0) context.shard.stats.limits.hit(Limit::kFtpLine);
    state.surplus_bytes += bytes.size() - room;
  }

  void on_line(Side side, SideState& state, StreamContext& context) {
    std::string_view line = state.line;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!std::exchange(state.lost, false)) {
      if (side == Side::kClient) {
        on_command(line, state.surplus_bytes, context);
      } else {
        on_reply_line(line, context);
      }
    }
    wipe(state);
  }

  void on_command(std::string_view line, std::size_t surplus_bytes, StreamContext& context) {
    Command command = read_command(line);
    if (command.verb == Verb::kMail && !is_ftp_) {
      context.stop = true;
      return;
    }
    is_ftp_ = is_ftp_ || command.verb != Verb::kOther;
    if (command.password_bytes >= 0) {
      command.password_bytes += static_cast<std::int64_t>(surplus_bytes);
    }
    if (command.verb == Verb::kPort) command.endpoint = read_host_port(command.argument);
    if (command.verb == Verb::kExtendedPort) {
      command.endpoint = read_extended_port(command.argument);
    }
    if (commands_.size() == kFtpCommandsMax) {
      context.shard.stats.limits.hit(Limit::kFtpCommands);
      tell(commands_.front(), context);
      commands_.pop_front();
    }
    commands_.push_back(std::move(command));
  }

  // A reply of several lines begins with a code and a dash, and ends with the code and a blank.
  void on_reply_line(std::string_view line, StreamContext& context) {
    int code = 0;
    const auto [end, failure] =
        std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), code);
    const bool has_code = failure == std::errc{} && end == line.data() + 3 && code >= 100;
    const bool goes_on = line.size() > 3 && line[3] == '-';
    if (in_reply_ != 0) {
      if (has_code && code == in_reply_ && !goes_on) in_reply_ = 0;
      return;
    }
    if (!has_code) {
      if (!is_ftp_) context.stop = true;
      return;
    }
    if (goes_on) in_reply_ = code;
    on_reply(code, line, context);
  }

  void on_reply(int code, std::string_view line, StreamContext& context) {
    constexpr int kReady = 220;
    if (code == kReady && !std::exchange(greeted_, true)) return;
    greeted_ = true;
    if (commands_.empty()) return;
    Command& command = commands_.front();
    command.status = code;
    if (code < 200) return;  // Preliminary: another one follows.
    const Command done = std::move(command);
    commands_.pop_front();
    on_done(done, code, line, context);
  }

  void on_done(const Command& command, int code, std::string_view line, StreamContext& context) {
    const bool accepted = code < 400;
    switch (command.verb) {
      case Verb::kUser:
        user_ = command.argument;
        // Some servers want no password, or refuse by the name.
        if (code == 230 || !accepted) tell_login(command, context);
        break;
      case Verb::kPass:
        tell_login(command, context);
        break;
      case Verb::kPassive:
        if (code == 227) set_endpoint(read_host_port(line.substr(3)), true);
        if (code == 229) set_endpoint(read_extended_passive(line), true);
        break;
      case Verb::kPort:
      case Verb::kExtendedPort:
        if (accepted) set_endpoint(command.endpoint, false);
        break;
      case Verb::kRestart:
        if (accepted) restart_bytes_ = read_offset(command.argument);
        break;
      case Verb::kTransfer:
        tell_transfer(command, context);
        // A data connection serves one transfer.
        endpoint_.reset();
        restart_bytes_ = 0;
        break;
      case Verb::kAuth:
        if (code == 234) begin_tls(context);
        break;
      case Verb::kMail:
      case Verb::kOther:
        break;
    }
  }

  static std::int64_t read_offset(std::string_view text) {
    std::int64_t offset = 0;
    std::from_chars(text.data(), text.data() + text.size(), offset);
    return std::max<std::int64_t>(offset, 0);
  }

  void set_endpoint(std::optional<DataEndpoint> endpoint, bool passive) {
    endpoint_ = endpoint;
    passive_ = passive;
  }

  // Behind AUTH TLS (RFC 4217, 4) nothing can be read any more.
  static void begin_tls(StreamContext& context) {
    for (const StreamDecoderDef& def : stream_decoders()) {
      if (def.name == "tls") context.successor = def.create();
    }
  }

  void tell_open(StreamContext& context) {
    for (const Command& command : commands_) tell(command, context);
  }

  void tell(const Command& command, StreamContext& context) {
    if (command.verb == Verb::kUser) user_ = command.argument;
    if (command.verb == Verb::kPass) tell_login(command, context);
    if (command.verb == Verb::kTransfer) tell_transfer(command, context);
  }

  void tell_login(const Command& command, StreamContext& context) const {
    ++context.shard.stats.ftp_logins;
    if (!context.wants(kLogin)) return;
    Event event = context.make_event(kLogin, Side::kClient);
    if (!user_.empty()) event.set_text(kUser, user_);
    if (command.password_bytes >= 0) event.set_int(kPasswordBytes, command.password_bytes);
    if (command.status) event.set_int(kLoginStatus, *command.status);
    context.emit(event);
  }

  void tell_transfer(const Command& command, StreamContext& context) const {
    ++context.shard.stats.ftp_transfers;
    if (!context.wants(kTransfer)) return;
    Event event = context.make_event(kTransfer, Side::kClient);
    event.set_text(kCommand, command.name);
    if (!command.argument.empty()) event.set_text(kPath, command.argument);
    if (!user_.empty()) event.set_text(kTransferUser, user_);
    std::string ip;
    if (endpoint_) {
      const std::string& peer =
          passive_ ? context.flow.server_ip_text : context.flow.client_ip_text;
      ip = endpoint_->ip ? endpoint_->ip->to_string() : peer;
      event.set_text(kDataIp, ip);
      event.set_int(kDataPort, endpoint_->port);
      event.set_bool(kPassive, passive_);
    }
    if (restart_bytes_ > 0) event.set_int(kRestartBytes, restart_bytes_);
    if (command.status) event.set_int(kTransferStatus, *command.status);
    context.emit(event);
  }

  std::array<SideState, 2> sides_;
  std::deque<Command> commands_;  // Without their last reply, the oldest first.
  std::string user_;
  std::optional<DataEndpoint> endpoint_;  // For the next transfer.
  std::int64_t restart_bytes_ = 0;
  int in_reply_ = 0;  // Code of a reply of several lines that goes on.
  bool passive_ = false;
  bool greeted_ = false;
  bool is_ftp_ = false;
};

// Whether the text begins with a word, as far as both go.
bool can_begin(std::string_view text, std::string_view word) {
  const std::size_t length = std::min(text.size(), word.size());
  return iequals_ascii(text.substr(0, length), word.substr(0, length));
}

}  // namespace

ProbeResult probe_stream(Bytes first_bytes) {
  const std::string_view text = as_text(first_bytes);

  struct Opening {
    std::string_view word;
    Side sender;
  };

  for (const Opening& opening : {Opening{"220 ", Side::kServer}, Opening{"220-", Side::kServer},
                                 Opening{"USER ", Side::kClient}}) {
    if (!can_begin(text, opening.word)) continue;
    if (text.size() < opening.word.size()) return {Probe::kNeedMore, false, Side::kClient};
    return {Probe::kYes, true, opening.sender};
  }
  return {};
}

std::unique_ptr<StreamDecoder> create_stream() {
  return std::make_unique<FtpDecoder>();
}

}  // namespace chargewarden::ftp
