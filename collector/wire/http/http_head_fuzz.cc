// Any bytes as an HTTP head: parsing stays within them.

#include "collector/wire/http/http_head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  http::Head head;
  if (http::parse_head({data, size}, head) == http::HeadStatus::kDone) {
    if (head.length > size || head.header_count > http::kHeadersMax) __builtin_trap();
    (void)http::body_of(head, "GET");
    (void)head.has_token("Upgrade", "websocket");
  }
  (void)http::parse_partial_head({data, size}, head);
  (void)http::probe({data, size});
  return 0;
}
