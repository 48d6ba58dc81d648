#include "collector/decoders/http/transaction.h"

#include <charconv>

#include "collector/base/limits.h"
#include "collector/event/defs/http_events.h"

namespace chargewarden::http {

namespace {

void set_if(Event& event, FieldKey key, std::string_view text) {
  if (!text.empty()) event.set_text(key, text);
}

void set_if(Event& event, FieldKey key, const std::optional<std::int64_t>& number) {
  if (number) event.set_int(key, *number);
}

// A number at the begin of `text`, which moves behind it.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// bytes 500-999/1234, with * for what is not known.
void read_range(std::string_view text, Transaction& out) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return;
  text.remove_prefix(kUnit.size());
  out.range_start = take_number(text);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return;
  text.remove_prefix(slash + 1);
  out.range_total = take_number(text);
}

}  // namespace

Transaction make_transaction(Request request, const Head* response) {
  Transaction out;
  out.content_type = request.content_type;
  out.request = std::move(request);
  if (response == nullptr) return out;
  out.status = response->status;
  if (response->has_header("Content-Type")) {
    out.content_type = response->header("Content-Type").substr(0, kEventTextMaxLen);
  }
  const Body body = body_of(*response, {});
  if (body.kind == BodyKind::kLength) out.content_bytes = static_cast<std::int64_t>(body.length);
  read_range(response->header("Content-Range"), out);
  return out;
}

void report_transaction(const Transaction& transaction, StreamContext& context) {
  if (!context.wants(kTransaction)) return;
  const Request& request = transaction.request;
  Event event = context.make_event(kTransaction, Side::kClient);
  set_if(event, kTransactionMethod, request.method);
  set_if(event, kTransactionPath, request.path);
  set_if(event, kTransactionHost, request.host);
  set_if(event, kTransactionUserAgent, request.user_agent);
  set_if(event, kTransactionAuthScheme, request.auth_scheme);
  if (request.auth_password_bytes >= 0) {
    event.set_bool(kPasswordIsFactory, request.auth_password_is_factory);
  }
  if (transaction.status != 0) {
    event.set_int(kTransactionStatus, static_cast<std::int64_t>(transaction.status));
  }
  set_if(event, kContentBytes, transaction.content_bytes);
  set_if(event, kContentType, transaction.content_type);
  if (transaction.body) {
    event.set_int(kBodyBytes, static_cast<std::int64_t>(transaction.body->bytes));
    event.set_bool(kBodyComplete, transaction.body->complete);
    set_if(event, kBodySha256, transaction.body->sha256);
  }
  if (request.body) {
    event.set_int(kRequestBodyBytes, static_cast<std::int64_t>(request.body->bytes));
    event.set_bool(kRequestBodyComplete, request.body->complete);
    set_if(event, kRequestBodySha256, request.body->sha256);
  }
  set_if(event, kRangeStart, transaction.range_start);
  set_if(event, kRangeTotal, transaction.range_total);
  event.set_bool(kTransactionEncrypted, context.encrypted);
  event.set_bool(kIsSoap, request.is_soap);
  context.emit(event);
}

}  // namespace chargewarden::http
