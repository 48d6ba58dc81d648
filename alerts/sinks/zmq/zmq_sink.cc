#include "alerts/sinks/zmq/zmq_sink.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>
#include <zmq.hpp>

#include "collector/base/ip_address.h"

namespace chargewarden {

namespace {

// A number of 1 to 65535, or * or 0 for any that is free. libzmq takes larger ones modulo 65536,
// which publishes on a port that nobody asked for.
bool is_port(std::string_view text) {
  if (text == "*") return true;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

// Of HOST:PORT, HOST without brackets; empty when it has another form.
std::string_view host_of(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || !is_port(address.substr(colon + 1))) return {};
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host.remove_prefix(1);
    host.remove_suffix(1);
  }
  return host;
}

bool is_loopback(std::string_view host) {
  const auto address = IpAddress::parse(host);
  if (!address) return false;
  if (address->is_v4()) return address->bytes()[12] == 127;
  return address == IpAddress::parse("::1");
}

}  // namespace

Expected<void> check_local_endpoint(std::string_view endpoint) {
  for (const std::string_view local : {"ipc://", "inproc://"}) {
    if (endpoint.starts_with(local) && endpoint.size() > local.size()) return {};
  }
  constexpr std::string_view kTcp = "tcp://";
  if (endpoint.starts_with(kTcp) && is_loopback(host_of(endpoint.substr(kTcp.size())))) return {};
  return Error{ErrorCode::kUsage,
               fmt::format("cannot publish on \"{}\": without keys the stream stays on this "
                           "machine, use tcp://127.0.0.1:PORT, tcp://[::1]:PORT, ipc://PATH or "
                           "inproc://NAME",
                           endpoint)};
}

std::string topic_of(const Alert& alert) {
  const RuleInfo& rule = *alert.finding.rule;
  return fmt::format("alert.{}.{}", to_string(rule.level), rule.name);
}

struct ZmqSink::Impl {
  zmq::context_t context{1};
  zmq::socket_t socket{context, zmq::socket_type::pub};
};

ZmqSink::ZmqSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ZmqSink::~ZmqSink() = default;

Expected<std::unique_ptr<ZmqSink>> ZmqSink::open(const std::string& endpoint, int high_water_mark) {
  if (const auto local = check_local_endpoint(endpoint); !local) return local.error();
  try {
    auto impl = std::make_unique<Impl>();
    impl->socket.set(zmq::sockopt::ipv6, true);
    impl->socket.set(zmq::sockopt::linger, kLingerMs);
    impl->socket.set(zmq::sockopt::sndhwm, high_water_mark);
    impl->socket.bind(endpoint);
    return std::unique_ptr<ZmqSink>(new ZmqSink(std::move(impl)));
  } catch (const zmq::error_t& error) {
    return Error{ErrorCode::kReadWrite,
                 fmt::format("cannot publish on \"{}\": {}", endpoint, error.what())};
  }
}

Expected<void> ZmqSink::deliver(const Alert& alert, std::string_view ocsf_json) {
  const std::string topic = topic_of(alert);
  try {
    // A PUB socket never blocks; with dontwait a later change of libzmq could not make it do so.
    (void)impl_->socket.send(zmq::buffer(topic),
                             zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    (void)impl_->socket.send(zmq::buffer(ocsf_json), zmq::send_flags::dontwait);
  } catch (const zmq::error_t& error) {
    return Error{ErrorCode::kReadWrite,
                 fmt::format("cannot publish an alert on \"{}\": {}", endpoint(), error.what())};
  }
  return {};
}

std::string ZmqSink::endpoint() const {
  return impl_->socket.get(zmq::sockopt::last_endpoint);
}

}  // namespace chargewarden
