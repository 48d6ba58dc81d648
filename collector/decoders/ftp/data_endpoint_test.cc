#include "collector/decoders/ftp/data_endpoint.h"

#include <catch2/catch.hpp>

using namespace chargewarden;
using namespace chargewarden::ftp;

namespace {

std::string shown(const std::optional<DataEndpoint>& endpoint) {
  if (!endpoint) return "none";
  return (endpoint->ip ? endpoint->ip->to_string() : "peer") + " " + std::to_string(endpoint->port);
}

}  // namespace

TEST_CASE("addresses of data connections are read, and nothing else is") {
  CHECK(shown(read_host_port("10,77,0,20,195,80")) == "10.77.0.20 50000");
  CHECK(shown(read_host_port(" Entering Passive Mode (10,77,0,20,195,80).")) == "10.77.0.20 50000");
  CHECK(shown(read_host_port(" Entering Passive Mode 0,0,0,0,0,1")) == "0.0.0.0 1");
  for (const std::string_view text :
       {"", "mode", "10,77,0,20,195", "10,77,0,20,195,", "10,77,0,20,256,0", "10,77,0,20,0,0",
        "10.77.0.20,1,1", "10,77,,20,195,80", "99999999999,1,1,1,1,1"}) {
    INFO(text);
    CHECK(shown(read_host_port(text)) == "none");
  }
  CHECK(shown(read_extended_port("|1|132.235.1.2|6275|")) == "132.235.1.2 6275");
  CHECK(shown(read_extended_port("|2|1080::8:800:200C:417A|5282|")) ==
        "1080::8:800:200c:417a 5282");
  for (const std::string_view text : {"", "|", "|1|", "|1|10.0.0.1|", "|1|10.0.0.1|0|",
                                      "|1|10.0.0.1|65536|", "|1|10.0.0.1|1", "|1|host|21|"}) {
    INFO(text);
    CHECK(shown(read_extended_port(text)) == "none");
  }
  CHECK(shown(read_extended_passive("229 Entering Extended Passive Mode (|||6446|)")) ==
        "peer 6446");
  CHECK(shown(read_extended_passive("229 ok (!!!6446!)")) == "peer 6446");
  for (const std::string_view text : {"", "229 (", "229 (|||", "229 (|||)", "229 (|||0|)",
                                      "229 (||6446|)", "229 (|||70000|)", "229 (|||6446"}) {
    INFO(text);
    CHECK(shown(read_extended_passive(text)) == "none");
  }
}
