// Any bytes as the two directions of a WebSocket. The first byte is also what the handshake agreed
// on. Without gaps, events must not depend on how the bytes are cut.

#include "tests/support/chunked_input.h"

namespace {

using namespace chargewarden;
using namespace chargewarden::harness;

WebSocketParams params_of(std::uint8_t choice) {
  WebSocketParams params;
  // Frames begin with 0x80 or more: seeds that are single frames mean an agreed OCPP connection.
  params.handshake_seen = (choice & 0x80U) != 0 || (choice & 1U) != 0;
  params.ocpp_offered = (choice & 0x80U) != 0 || (choice & 2U) != 0;
  params.subprotocol = (choice & 4U) != 0 ? "ocpp2.0.1" : "";
  params.deflate = (choice & 0x40U) != 0;
  params.client_context_takeover = (choice & 8U) == 0;
  params.server_context_takeover = (choice & 16U) == 0;
  return params;
}

struct Outcome {
  std::uint64_t events;
  std::uint64_t messages;
};

Outcome run(Bytes input, std::size_t step, bool& cut_matters) {
  const WebSocketParams params = params_of(input.empty() ? 0x80 : input[0]);
  FuzzConnection connection(make_websocket_decoder(params), !params.handshake_seen);
  // A direction that has to be searched is searched piece by piece.
  cut_matters = !params.handshake_seen;
  for_each_chunk(
      input,
      [&](Side side, Bytes bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += step) {
          connection.data(side, bytes.subspan(at, std::min(step, bytes.size() - at)));
        }
      },
      [&](Side side, std::uint64_t missing) {
        cut_matters = true;
        connection.gap(side, missing);
      });
  connection.end(input.size());
  if (connection.stats().limits.count(Limit::kMessage) > 0) cut_matters = true;
  return {connection.judge().events(), connection.stats().total_messages()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool cut_matters = false;
  const Outcome whole = run({data, size}, size + 1, cut_matters);
  const Outcome single = run({data, size}, 1, cut_matters);
  if (!cut_matters && (whole.events != single.events || whole.messages != single.messages))
    std::abort();
  return 0;
}
