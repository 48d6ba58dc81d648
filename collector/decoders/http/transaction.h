#pragma once
// Transaction: a request with its response, from the head of the response to the end of both
// bodies, and the event made of it.

#include <cstdint>
#include <optional>
#include <string>

#include "collector/decoders/decoder.h"
#include "collector/decoders/http/body_meter.h"
#include "collector/decoders/http/upgrade.h"
#include "collector/wire/http/http_head.h"

namespace chargewarden::http {

struct Transaction {
  Request request;
  unsigned status = 0;  // 0: there was no response.
  std::string content_type;
  std::optional<std::int64_t> content_bytes;
  std::optional<std::int64_t> range_start;  // Content-Range (RFC 9110, 14.4).
  std::optional<std::int64_t> range_total;
  std::optional<BodyFacts> body;  // Of the response, once it has ended.
  bool told = false;              // When the connection seemed to end.
};

// `response` may be null: the request was never answered.
Transaction make_transaction(Request request, const Head* response);

void report_transaction(const Transaction& transaction, StreamContext& context);

}  // namespace chargewarden::http
