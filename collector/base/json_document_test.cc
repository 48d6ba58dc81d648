#include "collector/base/json_document.h"

#include <random>

#include <catch2/catch.hpp>
#include <simdjson.h>

using namespace chargewarden;

namespace {

JsonStatus status_of(std::string_view text) {
  JsonDocument document;
  return document.load_copy(text);
}

// Renders what find() gives, for comparison.
std::string show(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kAbsent:
      return "absent";
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBool:
      return value.as_bool() ? "true" : "false";
    case ValueKind::kInt:
      return std::to_string(value.as_int());
    case ValueKind::kReal:
      return "real:" + std::to_string(value.as_real());
    case ValueKind::kText:
      return "'" + std::string(value.as_text()) + "'";
    case ValueKind::kObject:
      return "object:" + std::string(value.as_text());
    case ValueKind::kList: {
      std::string out = "[";
      for (const Value& element : value.as_list()) out += show(element) + " ";
      return out + "]";
    }
  }
  return "";
}

std::string find(std::string_view json, std::string_view path) {
  JsonDocument document;
  ValueArena arena;
  REQUIRE(document.load_copy(json) == JsonStatus::kOk);
  return show(document.find(JsonPath(path), arena));
}

bool simdjson_accepts(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS;
}

}  // namespace

TEST_CASE("JSON texts are accepted or refused as RFC 8259 says") {
  for (const char* text :
       {"{}", "[]", " [2,\"1\",\"Heartbeat\",{}] ", "1", "-0.5e+3", "\"a\"", "null", "true",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]}}", "[\"\\u00e9\\n\\\\\"]", "{\"a\":1,\"a\":2}"}) {
    CAPTURE(text);
    CHECK(status_of(text) == JsonStatus::kOk);
  }
  for (const char* text : {"{",     "]",        "[1,]",       "{\"a\"}", "{\"a\":}",  "{,}",
                           "[1 2]", "[01]",     "[1.]",       "[.5]",    "[-]",       "[1e]",
                           "[tru]", "[truex]",  "{a:1}",      "['a']",   "[1\"a\"]",  "[\"a\"1]",
                           "[}",    "{]",       "[] []",      "{} x",    "[\"\\x\"]", "[\"\\u12\"]",
                           "[\"a",  "[\"\n\"]", "{\"a\":1,}", ":",       ",",         "[2,\"1\""}) {
    CAPTURE(text);
    CHECK(status_of(text) == JsonStatus::kMalformed);
  }
  CHECK(status_of("") == JsonStatus::kEmpty);
  CHECK(status_of("   ") == JsonStatus::kEmpty);
  CHECK(status_of("[\"\xff\"]") == JsonStatus::kNotUtf8);
}

TEST_CASE("nesting beyond the limit is refused") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(status_of(nested(kJsonDepthMax)) == JsonStatus::kOk);
  CHECK(status_of(nested(kJsonDepthMax + 1)) == JsonStatus::kTooDeep);
  CHECK(status_of(nested(3000)) == JsonStatus::kTooDeep);
}

TEST_CASE("values are found by path, through lists, behind escapes") {
  const char* json = R"({"a":{"b":1,"c":"x\ny","d":-2.5,"e":null,"f":true},
    "l":[{"v":1},{"v":"2"},{"w":3},[{"v":4}]],"\u0061b":"hidden","o":{}, "dup":1,"dup":2})";
  CHECK(find(json, "a.b") == "1");
  CHECK(find(json, "a.c") == "'x\ny'");
  CHECK(find(json, "a.d") == "real:-2.500000");
  CHECK(find(json, "a.e") == "null");
  CHECK(find(json, "a.f") == "true");
  CHECK(find(json, "a.g") == "absent");
  CHECK(find(json, "a.b.c") == "absent");
  CHECK(find(json, "l.v") == "[1 '2' 4 ]");
  CHECK(find(json, "ab") == "'hidden'");
  CHECK(find(json, "o") == "object:{}");
  CHECK(find(json, "dup") == "[1 2 ]");
}

TEST_CASE("an empty list is present and has no value, as in a flat event") {
  const char* json = R"({"e":[],"n":[[],[]],"m":[1,[]],"l":[{"v":[]},{"w":1}],"s":[{}]})";
  CHECK(find(json, "e") == "[]");
  CHECK(find(json, "n") == "[]");
  CHECK(find(json, "m") == "1");
  CHECK(find(json, "l.v") == "[]");
  CHECK(find(json, "s") == "object:{}");
  // What is looked for below it is not there.
  CHECK(find(json, "e.x") == "absent");
  CHECK(find(json, "n.x") == "absent");
  CHECK(find(json, "l.x") == "absent");
  CHECK(find(json, "s.x") == "absent");
  CHECK(find("[]", "e") == "absent");
}

TEST_CASE("numbers that no machine type holds keep their direction") {
  CHECK(find(R"({"n":9223372036854775807})", "n") == "9223372036854775807");
  CHECK(find(R"({"n":9223372036854775808})", "n") == "real:9223372036854775808.000000");
  CHECK(find(R"({"n":-1e999})", "n").substr(0, 7) == "real:-1");
  CHECK(find(R"({"n":1e-999})", "n") == "real:0.000000");
}

TEST_CASE("a surrogate without its partner becomes the replacement character") {
  CHECK(find(R"({"a":"\ud83d\ude97"})", "a") == "'\xf0\x9f\x9a\x97'");
  CHECK(find(R"({"a":"\ud83dx"})", "a") == "'\xef\xbf\xbdx'");
  CHECK(find(R"({"a":"\ude97"})", "a") == "'\xef\xbf\xbd'");
}

TEST_CASE("a root restricts what is found") {
  JsonDocument document;
  ValueArena arena;
  REQUIRE(document.load_copy(R"([2,"id","Heartbeat",{"a":1} ])") == JsonStatus::kOk);
  document.set_root(7);
  CHECK(show(document.find(JsonPath("a"), arena)) == "1");
  CHECK(document.root_text() == R"({"a":1})");
}

TEST_CASE("the elements of the outermost list are known without a search") {
  JsonDocument document;
  REQUIRE(document.load_copy(R"([2,"id",[1,[2]],{"a":{}},5,6,7,8,9,10])") == JsonStatus::kOk);
  CHECK(document.top_count() == 10);
  ValueArena arena;
  CHECK(show(document.scalar_at(document.top_token(1), arena)) == "'id'");
  CHECK(document.text()[document.tokens()[document.top_token(3)]] == '{');
  CHECK(show(document.scalar_at(document.top_token(kJsonTopElements - 1), arena)) == "8");
  REQUIRE(document.load_copy("[]") == JsonStatus::kOk);
  CHECK(document.top_count() == 0);
  CHECK(document.load_copy("[1,2") == JsonStatus::kMalformed);
  CHECK(document.top_count() == 0);
}

TEST_CASE("a walk sees every member in order") {
  struct Recorder : JsonVisitor {
    std::string out;

    bool enter(std::string_view key, bool is_object) override {
      out += std::string(key) + (is_object ? "{" : "[");
      return key != "skip";
    }

    void leave() override { out += ")"; }

    void scalar(std::string_view key, Value value) override {
      out += std::string(key) + "=" + show(value) + ";";
    }
  };

  JsonDocument document;
  ValueArena arena;
  Recorder recorder;
  REQUIRE(document.load_copy(R"({"a":"x","l":[1,["y"],{}],"skip":{"z":1},"e":[]})") ==
          JsonStatus::kOk);
  document.visit(recorder, arena);
  CHECK(recorder.out == "{a='x';l[=1;[='y';){))skip{e[))");
}

TEST_CASE("acceptance agrees with simdjson's full parser on random near-JSON") {
  // Pieces that make and break JSON; the seed is fixed, so a failure can be repeated.
  const std::vector<std::string> pieces = {"{",     "}",       "[", "]",    ",",  ":",
                                           "\"a\"", "\"\\n\"", "1", "-2.5", "0",  "1.0",
                                           "true",  "null",    " ", "\"",   "\\", "x"};
  std::mt19937 random(20261122);
  std::size_t accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = "[";
    const std::size_t length = random() % 9;
    for (std::size_t i = 0; i < length; ++i) text += pieces[random() % pieces.size()];
    text += "]";
    CAPTURE(text);
    const bool ours = status_of(text) == JsonStatus::kOk;
    accepted += ours ? 1U : 0U;
    REQUIRE(ours == simdjson_accepts(text));
  }
  CHECK(accepted > 500);  // The pieces do make JSON often enough to mean something.
}
