// Addresses of files as commands name them.

#include "analyzer/detectors/location.h"

#include <catch2/catch.hpp>

using chargewarden::Location;
using chargewarden::read_location;

TEST_CASE("the parts of an address are read") {
  struct Row {
    const char* url;
    const char* scheme;
    const char* host;
    const char* path;
    bool has_credentials;
  };

  constexpr Row kRows[] = {
      {"http://fw.example.com/a/b.bin", "http", "fw.example.com", "/a/b.bin", false},
      {"HTTPS://FW.Example.com:8443/A.bin?token=1#x", "https", "fw.example.com", "/A.bin", false},
      {"ftp://user:secret@10.0.0.9/img", "ftp", "10.0.0.9", "/img", true},
      {"ftp://user:p@ss@10.0.0.9:21/img", "ftp", "10.0.0.9", "/img", true},
      {"http://[2001:DB8::1]:80/x", "http", "[2001:db8::1]", "/x", false},
      {"http://[::1]", "http", "[::1]", "/", false},
      {"http://host", "http", "host", "/", false},
      {"http://host?x=/y", "http", "host", "/", false},
      {"http://host#/y", "http", "host", "/", false},
      {"wss://csms.example.com:443/ocpp/CS-1", "wss", "csms.example.com", "/ocpp/CS-1", false},
      {"http://host/a@b", "http", "host", "/a@b", false},
      {"http://", "http", "", "/", false},
      {"http:///only/path", "http", "", "/only/path", false},
      {"http://user@", "http", "", "/", true},
      {"http://[2001:db8::1/x", "http", "[2001:db8::1", "/x", false},
  };
  for (const Row& row : kRows) {
    INFO(row.url);
    const Location location = read_location(row.url);
    CHECK(location.scheme == row.scheme);
    CHECK(location.host == row.host);
    CHECK(location.path == row.path);
    CHECK(location.has_credentials == row.has_credentials);
  }
}

TEST_CASE("what is no address has no host") {
  for (const char* text : {"", "fw.bin", "//host/x", "mailto:a@b", "http:/host/x", ":", "://"}) {
    INFO(text);
    CHECK(read_location(text).host.empty());
  }
}
