#include "analyzer/ocmf/ocmf_record.h"

#include <charconv>

#include "collector/base/json_document.h"
#include "collector/base/text.h"
#include "collector/base/timestamp.h"

namespace chargewarden::ocmf {

namespace {

constexpr std::string_view kPrefix = "OCMF|";
constexpr double kWhPerKwh = 1'000;

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

std::string text_of(Value value) {
  if (value.kind() != ValueKind::kText) return {};
  return std::string(value.as_text().substr(0, kTextMaxLen));
}

char letter_of(Value value) {
  return value.kind() == ValueKind::kText && !value.as_text().empty() ? value.as_text().front()
                                                                      : '\0';
}

// Some meters write numbers as text.
std::optional<double> number_of(Value value) {
  if (value.kind() == ValueKind::kInt) return static_cast<double>(value.as_int());
  if (value.kind() == ValueKind::kReal) return value.as_real();
  if (value.kind() != ValueKind::kText) return std::nullopt;
  const std::string_view text = value.as_text();
  double number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Walks the payload: members of the outermost object, and those of the objects in RD.
class PayloadReader : public JsonVisitor {
 public:
  explicit PayloadReader(Record& record) : record_(record) {}

  bool enter(std::string_view key, bool is_object) override {
    const bool readings = depth_ == 1 && key == "RD" && !is_object;
    const bool reading = depth_ == 2 && is_object;
    if (depth_ != 0 && !readings && !reading) return false;
    ++depth_;
    if (reading) begin_reading();
    return true;
  }

  void leave() override {
    if (depth_ == 3 && record_.readings.size() < kReadingsMax) {
      settle_value();
      record_.readings.push_back(reading_);
    } else if (depth_ == 3) {
      ++record_.surplus_readings;
    }
    --depth_;
  }

  void scalar(std::string_view key, Value value) override {
    if (depth_ == 1) on_header(key, value);
    if (depth_ == 3) on_reading(key, value);
  }

 private:
  void begin_reading() { reading_.value_wh.reset(); }

  void on_header(std::string_view key, Value value) {
    struct Field {
      std::string_view key;
      std::string Record::*text;
    };

    static constexpr Field kFields[] = {
        {"FV", &Record::format_version}, {"GS", &Record::gateway_serial},
        {"MV", &Record::meter_vendor},   {"MM", &Record::meter_model},
        {"MS", &Record::meter_serial},   {"CI", &Record::charge_point},
    };
    for (const Field& field : kFields) {
      if (field.key == key) record_.*field.text = text_of(value);
    }
    if (key == "PG") read_pagination(value);
  }

  void read_pagination(Value value) {
    record_.context = letter_of(value);
    if (record_.context == '\0') return;
    const std::string_view digits = value.as_text().substr(1);
    std::uint64_t page = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), page);
    if (failure == std::errc{} && end == digits.data() + digits.size()) record_.page = page;
  }

  void on_reading(std::string_view key, Value value) {
    if (key == "TM") {
      const std::string text = text_of(value);
      const auto blank = text.find(' ');
      reading_.time_ns = parse_timestamp_ns(std::string_view(text).substr(0, blank));
      reading_.time_state =
          blank != std::string::npos && blank + 1 < text.size() ? text[blank + 1] : '\0';
    } else if (key == "TX") {
      reading_.transaction = letter_of(value);
    } else if (key == "RV") {
      number_ = number_of(value);
    } else if (key == "RI") {
      reading_.obis = text_of(value);
    } else if (key == "RU") {
      reading_.unit = text_of(value);
    } else if (key == "EF") {
      reading_.error_flags = text_of(value);
    } else if (key == "ST") {
      reading_.meter_state = letter_of(value);
    }
  }

  // Once the unit is known, which may stand behind the number.
  void settle_value() {
    if (!number_) return;
    if (reading_.unit == "kWh") reading_.value_wh = *number_ * kWhPerKwh;
    if (reading_.unit == "Wh") reading_.value_wh = *number_;
  }

  Record& record_;
  Reading reading_;
  std::optional<double> number_;
  int depth_ = 0;
};

Expected<void> read_signature(std::string_view text, Record& out) {
  JsonDocument document;
  if (document.load_copy(text) != JsonStatus::kOk) {
    return refusal("the signature section of the OCMF record is no JSON");
  }
  ValueArena arena;
  const auto field = [&](const char* key, std::string_view otherwise) {
    const Value value = document.find(JsonPath(key), arena);
    return std::string(value.kind() == ValueKind::kText ? value.as_text() : otherwise);
  };
  out.algorithm = field("SA", "").substr(0, kTextMaxLen);
  out.encoding = field("SE", "hex").substr(0, kTextMaxLen);
  out.signature = field("SD", "");
  return {};
}

}  // namespace

Expected<Record> parse_record(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kRecordMaxBytes) return refusal("the OCMF record is longer than 65,536 bytes");
  if (!text.starts_with(kPrefix)) return refusal("the text does not begin as an OCMF record");
  text.remove_prefix(kPrefix.size());
  const auto bar = text.find('|');
  if (bar == std::string_view::npos) return refusal("the OCMF record has no signature section");
  if (text.find('|', bar + 1) != std::string_view::npos) {
    return refusal("the OCMF record has more than three sections");
  }
  Record out;
  out.payload = text.substr(0, bar);
  JsonDocument document;
  if (document.load_copy(out.payload) != JsonStatus::kOk ||
      !trimmed(out.payload).starts_with('{')) {
    return refusal("the payload section of the OCMF record is no JSON object");
  }
  ValueArena arena;
  PayloadReader reader(out);
  document.visit(reader, arena);
  const auto signature = read_signature(text.substr(bar + 1), out);
  if (!signature) return signature.error();
  return out;
}

}  // namespace chargewarden::ocmf
