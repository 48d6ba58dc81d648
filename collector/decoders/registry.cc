// The list of decoders: the one place to add one.

#include <array>

#include "collector/decoders/decoder.h"

namespace chargewarden {

namespace ftp {
ProbeResult probe_stream(Bytes first_bytes);
std::unique_ptr<StreamDecoder> create_stream();
}  // namespace ftp

namespace http {
ProbeResult probe_stream(Bytes first_bytes);
std::unique_ptr<StreamDecoder> create_stream();
}  // namespace http

namespace tls {
ProbeResult probe_stream(Bytes first_bytes);
std::unique_ptr<StreamDecoder> create_stream();
}  // namespace tls

namespace websocket {
ProbeResult probe_stream(Bytes first_bytes);
std::unique_ptr<StreamDecoder> create_stream();
std::unique_ptr<StreamDecoder> create_agreed(const WebSocketParams& params);
}  // namespace websocket

namespace ocpp {
bool understands(const WebSocketParams& params, std::string_view message);
std::unique_ptr<MessageDecoder> create_messages(const WebSocketParams& params);
}  // namespace ocpp

namespace {

// Asked in this order.
constexpr auto kStreamDecoders = std::to_array<StreamDecoderDef>({
    {"http", false, http::probe_stream, http::create_stream},
    {"tls", false, tls::probe_stream, tls::create_stream},
    {"ftp", false, ftp::probe_stream, ftp::create_stream},
    {"websocket", true, websocket::probe_stream, websocket::create_stream},
});

struct MessageDecoderDef {
  std::string_view name;
  bool (*understands)(const WebSocketParams& params, std::string_view message);
  std::unique_ptr<MessageDecoder> (*create)(const WebSocketParams& params);
};

constexpr auto kMessageDecoders = std::to_array<MessageDecoderDef>({
    {"ocpp", ocpp::understands, ocpp::create_messages},
});

}  // namespace

std::span<const StreamDecoderDef> stream_decoders() {
  return kStreamDecoders;
}

std::unique_ptr<StreamDecoder> make_websocket_decoder(const WebSocketParams& params) {
  return websocket::create_agreed(params);
}

std::unique_ptr<MessageDecoder> make_message_decoder(const WebSocketParams& params,
                                                     std::string_view message) {
  for (const MessageDecoderDef& def : kMessageDecoders) {
    if (def.understands(params, message)) return def.create(params);
  }
  return nullptr;
}

}  // namespace chargewarden
