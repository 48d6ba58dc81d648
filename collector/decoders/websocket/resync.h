#pragma once
// Finding WebSocket frames without having followed the stream: after a gap, or when the capture
// started in the middle of a connection.

#include <optional>

#include "collector/decoders/decoder.h"

namespace chargewarden::websocket {

// Offset of the first frame that `side` can have sent. A text message must begin like an OCPP
// message; compressed messages and control frames are believed only where frames fill the bytes to
// their end.
std::optional<std::size_t> find_frame(Bytes bytes, Side side, bool compression_possible);

// Whether the first bytes of a connection that was met in the middle are a WebSocket with OCPP.
ProbeResult probe_midstream(Bytes first_bytes);

}  // namespace chargewarden::websocket
