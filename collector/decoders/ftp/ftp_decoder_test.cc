// FTP control connections in, logins and transfers out.

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "tests/support/decoder_harness.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

std::unique_ptr<StreamDecoder> make() {
  return make_stream_decoder("ftp");
}

const std::vector<Step> kLogin = {server("220 fw FTP ready\r\n"), client("USER fwuser\r\n"),
                                  server("331 password\r\n"), client("PASS Sommer2019\r\n"),
                                  server("230 ok\r\n")};

// A login, then `steps`.
std::vector<Step> after_login(const std::vector<Step>& steps) {
  std::vector<Step> out = kLogin;
  out.insert(out.end(), steps.begin(), steps.end());
  return out;
}

ProbeResult probe(std::string_view text) {
  for (const StreamDecoderDef& def : stream_decoders()) {
    if (def.name == "ftp") return def.probe(as_bytes(text));
  }
  return {};
}

}  // namespace

TEST_CASE("a login and a download over FTP are told, and the password is not") {
  const Lines lines = check_decoder(
      make, after_login({client("TYPE I\r\n"), server("200 binary\r\n"), client("PASV\r\n"),
                         server("227 Entering Passive Mode (10,77,0,20,195,80)\r\n"),
                         client("RETR ac22-3.5.0.bin\r\n"), server("150 opening\r\n"),
                         server("226 done\r\n"), client("QUIT\r\n"), server("221 bye\r\n")}));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "ftp.login c user=fwuser password_bytes=10 status=230");
  CHECK(lines[1] ==
        "ftp.transfer c command=RETR path=ac22-3.5.0.bin user=fwuser data_ip=10.77.0.20 "
        "data_port=50000 passive=true status=226");
}

TEST_CASE("each way of naming a data connection is understood") {
  struct Row {
    std::string command;
    std::string reply;
    std::string expected;
  };

  const Row rows[] = {
      {"PASV", "227 =10,0,0,9,1,0", "data_ip=10.0.0.9 data_port=256 passive=true"},
      {"EPSV", "229 ok (|||6446|)", "data_ip=10.0.0.2 data_port=6446 passive=true"},
      {"PORT 10,0,0,9,1,0", "200 ok", "data_ip=10.0.0.9 data_port=256 passive=false"},
      {"eprt |2|fd00::1|99|", "200 ok", "data_ip=fd00::1 data_port=99 passive=false"},
      {"PORT 10,0,0,9,1,0", "500 no", ""},
      {"PORT nonsense", "200 ok", ""},
      {"PASV", "227 nonsense", ""},
  };
  for (const Row& row : rows) {
    INFO(row.command << " / " << row.reply);
    const Lines lines = check_decoder(
        make, after_login({client(row.command + "\r\n"), server(row.reply + "\r\n"),
                           client("STOR log.tgz\r\n"), server("150-first\r\n150 go\r\n226 ok\r\n"),
                           client("RETR second\r\n"), server("425 no data connection\r\n")}));
    REQUIRE(lines.size() == 3);
    const std::string blank = row.expected.empty() ? "" : " ";
    CHECK(lines[1] == "ftp.transfer c command=STOR path=log.tgz user=fwuser" + blank +
                          row.expected + " status=226");
    // The data connection was that of the first.
    CHECK(lines[2] == "ftp.transfer c command=RETR path=second user=fwuser status=425");
  }
}

TEST_CASE("a transfer that begins in the middle of the file says so") {
  const Lines lines = check_decoder(
      make, after_login({client("REST 5000\r\n"), server("350 ok\r\n"), client("RETR a\r\n"),
                         server("226 ok\r\n"), client("REST 7\r\n"), server("502 no\r\n"),
                         client("RETR a\r\n"), server("226 ok\r\n")}));
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[1], "restart_bytes") == "5000");
  CHECK(field(lines[2], "restart_bytes").empty());
}

TEST_CASE("logins that are refused, need no password or are not answered are told") {
  const Step hello = server("220 ready\r\n");

  const struct {
    std::vector<Step> steps;
    std::string_view expected;
  } rows[] = {
      {{hello, client("USER a\r\n"), server("331 ?\r\n"), client("PASS \r\n"),
        server("530 no\r\n")},
       "ftp.login c user=a password_bytes=0 status=530"},
      {{hello, client("USER a\r\n"), server("530 no\r\n")}, "ftp.login c user=a status=530"},
      {{hello, client("USER anonymous\r\n"), server("230 in\r\n")},
       "ftp.login c user=anonymous status=230"},
      {{hello, client("USER a\r\n"), server("331 ?\r\n"), client("PASS secret\r\n")},
       "ftp.login c user=a password_bytes=6"},
      // The user name before the greeting, and several lines in one reply.
      {{client("user a\n"), server("220-hello\r\n331 not yet\r\n220 ready\r\n331 ?\r\n"),
        client("pass secret\n"), server("230-in\r\n 230 x\r\n230 in\r\n")},
       "ftp.login c user=a password_bytes=6 status=230"},
  };

  for (const auto& row : rows) {
    INFO(row.expected);
    const Lines lines = check_decoder(make, row.steps);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == row.expected);
  }
}

TEST_CASE("a transfer under way is told when the connection ends, once") {
  DecoderRig rig(make());
  rig.run(after_login({client("RETR a\r\n"), server("150 opening\r\n")}));
  CHECK(named(rig.lines(), "ftp.transfer").empty());
  rig.end();
  rig.end();
  rig.send(Side::kServer, "226 done\r\n");
  const Lines lines = named(rig.lines(), "ftp.transfer");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "status") == "150");
  CHECK(rig.protocol() == "ftp");
  CHECK(rig.stats().ftp_logins == 1);
  CHECK(rig.stats().ftp_transfers == 1);
}

TEST_CASE("mail and others that greet alike are left alone") {
  for (const std::string_view hello : {"EHLO cp1.example\r\n", "HELO x\r\n"}) {
    DecoderRig rig(make());
    rig.send(Side::kServer, "220 mail.example ESMTP\r\n").send(Side::kClient, hello);
    CHECK(rig.stopped());
    CHECK(rig.lines().empty());
  }
  DecoderRig rig(make());
  rig.send(Side::kServer, "220-no reply at all\r\n220 x\r\nbinary\r\n");
  CHECK(rig.stopped());
  CHECK(rig.protocol() == "unknown");
}

TEST_CASE("behind AUTH TLS the connection belongs to TLS") {
  const std::string hello("\x16\x03\x01\x00\x50\x01\x00\x00\x4c\x03\x03", 11);
  DecoderRig rig(make());
  rig.send(Side::kServer, "220 ready\r\n").send(Side::kClient, "AUTH TLS\r\n");
  rig.send(Side::kServer, "234 go on\r\n").send(Side::kClient, hello);
  CHECK(rig.protocol() == "tls");
  CHECK(named(rig.lines(), "tls.seen").size() == 1);
}

TEST_CASE("after a gap replies are not taken for those of other commands") {
  DecoderRig rig(make());
  rig.run(after_login({client("RETR a\r\n"), server("150 open")}));
  rig.gap(Side::kServer, 20).send(Side::kServer, "the rest\r\n226 done\r\n");
  rig.send(Side::kClient, "STOR b\r\n").send(Side::kServer, "226 done\r\n");
  rig.gap(Side::kClient, 5).send(Side::kClient, "TR lost\r\nRETR c\r\n");
  rig.send(Side::kServer, "550 no\r\n");
  Lines lines = named(rig.lines(), "ftp.transfer");
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[0], "status").empty());
  CHECK(field(lines[1], "status") == "226");
  CHECK(field(lines[2], "path") == "c");
  CHECK(field(lines[2], "status") == "550");
}

TEST_CASE("a line of FTP beyond the limit is cut, and its password still counted") {
  const std::string path(2 * kFtpLineMaxLen, 'p');
  DecoderRig rig(make());
  rig.send(Side::kServer, "220 ready\r\n").send(Side::kClient, "USER a\r\n");
  rig.send(Side::kServer, "331 ?\r\n").send(Side::kClient, "PASS " + path + "\n");
  rig.send(Side::kServer, "230 in\r\n").send(Side::kClient, "RETR " + path + "\r\n");
  rig.send(Side::kServer, "550 no\r\n");
  REQUIRE(rig.lines().size() == 2);
  CHECK(field(rig.lines()[0], "password_bytes") == std::to_string(path.size()));
  CHECK(field(rig.lines()[1], "path") == path.substr(0, kEventTextMaxLen));
  CHECK(rig.stats().limits.count(Limit::kFtpLine) == 2);
}

TEST_CASE("commands that are never answered are told, and the memory for them is bounded") {
  DecoderRig rig(make());
  rig.send(Side::kServer, "220 ready\r\n");
  for (std::size_t i = 0; i < kFtpCommandsMax + 5; ++i) {
    rig.send(Side::kClient, "RETR " + std::to_string(i) + "\r\n");
  }
  CHECK(rig.stats().limits.count(Limit::kFtpCommands) == 5);
  CHECK(named(rig.lines(), "ftp.transfer").size() == 5);
  rig.end();
  CHECK(named(rig.lines(), "ftp.transfer").size() == kFtpCommandsMax + 5);
}

TEST_CASE("FTP is recognised by its greeting or its first command") {
  CHECK(probe("220 ready").answer == Probe::kYes);
  CHECK(probe("220 ready").sender == Side::kServer);
  CHECK(probe("220-ready").answer == Probe::kYes);
  CHECK(probe("USER fw").sender == Side::kClient);
  CHECK(probe("user fw").answer == Probe::kYes);
  CHECK(probe("22").answer == Probe::kNeedMore);
  CHECK(probe("US").answer == Probe::kNeedMore);
  for (const std::string_view text : {"2201", "USERS", "+OK POP3", "GET / HTTP/1.1", "\x16\x03"}) {
    CHECK(probe(text).answer == Probe::kNo);
  }
}
