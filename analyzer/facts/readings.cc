#include "analyzer/facts/readings.h"

#include <array>
#include <charconv>
#include <cmath>

#include "collector/base/text.h"
#include "collector/base/timestamp.h"

namespace chargewarden {

namespace {

struct MeasurandName {
  std::string_view name;
  Measurand measurand;
};

constexpr auto kMeasurands = std::to_array<MeasurandName>({
    {"Energy.Active.Import.Register", Measurand::kEnergyImportWh},
    {"Power.Active.Import", Measurand::kPowerImportW},
    {"Current.Import", Measurand::kCurrentImportA},
    {"Voltage", Measurand::kVoltageV},
    {"SoC", Measurand::kSocPercent},
    {"Energy.Active.Export.Register", Measurand::kEnergyExportWh},
    {"Energy.Active.Import.Interval", Measurand::kIntervalWh},
    {"Power.Active.Export", Measurand::kPowerExportW},
    {"Power.Offered", Measurand::kPowerOfferedW},
    {"Current.Offered", Measurand::kCurrentOfferedA},
    {"Frequency", Measurand::kFrequencyHz},
    {"Temperature", Measurand::kTemperatureC},
});

struct ContextName {
  std::string_view name;
  ReadingContext context;
};

constexpr auto kContexts = std::to_array<ContextName>({
    {"Sample.Periodic", ReadingContext::kSample},
    {"Sample.Clock", ReadingContext::kClock},
    {"Transaction.Begin", ReadingContext::kBegin},
    {"Transaction.End", ReadingContext::kEnd},
    {"Trigger", ReadingContext::kTrigger},
    {"Interruption.Begin", ReadingContext::kInterruption},
    {"Interruption.End", ReadingContext::kInterruption},
});

Measurand measurand_of(std::string_view name) {
  for (const MeasurandName& known : kMeasurands) {
    if (known.name == name) return known.measurand;
  }
  return Measurand::kOther;
}

ReadingContext context_of(std::string_view name) {
  for (const ContextName& known : kContexts) {
    if (known.name == name) return known.context;
  }
  return ReadingContext::kOther;
}

Phase phase_of(std::string_view name) {
  if (name == "L1" || name == "L1-N") return Phase::kL1;
  if (name == "L2" || name == "L2-N") return Phase::kL2;
  if (name == "L3" || name == "L3-N") return Phase::kL3;
  if (name == "N") return Phase::kN;
  return name.empty() ? Phase::kTotal : Phase::kLineToLine;
}

constexpr double kKilo = 1000;

// Case differs between makers ("wh", "KWH"); no two units differ by it alone.
double unit_factor(std::string_view unit) {
  return iequals_ascii(unit, "kWh") || iequals_ascii(unit, "kW") || iequals_ascii(unit, "kVA") ||
                 iequals_ascii(unit, "kvar") || iequals_ascii(unit, "kvarh")
             ? kKilo
             : 1;
}

// One SampledValue, while its members are read.
struct Sample {
  Reading reading;
  double factor = 1;
  bool has_value = false;
};

// Numbers are text in 1.6; some stations of 2.x send text too.
void set_value(Value value, Reading& reading) {
  if (value.kind() == ValueKind::kInt) {
    reading.value = static_cast<double>(value.as_int());
  } else if (value.kind() == ValueKind::kReal) {
    reading.value = value.as_real();
  } else if (value.kind() == ValueKind::kText) {
    std::string_view text = value.as_text();
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), reading.value);
    reading.unreadable = read.ec != std::errc() || !std::isfinite(reading.value);
    if (reading.unreadable) reading.value = 0;
  } else {
    reading.unreadable = true;
  }
}

void read_unit(const JsonDocument& document, std::size_t token, ValueArena& arena, Sample& out) {
  for (std::size_t key = document.first_inside(token); key != 0;) {
    const std::size_t member = JsonDocument::value_of(key);
    const Value value = document.scalar_at(member, arena);
    if (document.key_is(key, "unit") && value.kind() == ValueKind::kText) {
      out.factor *= unit_factor(value.as_text());
      out.reading.unit_given = true;
    } else if (document.key_is(key, "multiplier") && value.kind() == ValueKind::kInt) {
      // An exponent beyond these makes a number that is none (OCPP 2.0.1: -3 to 9 in practice).
      constexpr std::int64_t kExponentMax = 12;
      const std::int64_t exponent = value.as_int();
      if (exponent >= -kExponentMax && exponent <= kExponentMax) {
        out.factor *= std::pow(10.0, static_cast<double>(exponent));
      } else {
        out.reading.unreadable = true;
      }
    }
    key = document.next_inside(member);
  }
}

void read_member(const JsonDocument& document, std::size_t key, ValueArena& arena, Sample& out) {
  const std::size_t member = JsonDocument::value_of(key);
  const char first = document.first_byte(member);
  Reading& reading = out.reading;
  if (first == '{' || first == '[') {
    if (document.key_is(key, "unitOfMeasure")) read_unit(document, member, arena, out);
    if (document.key_is(key, "signedMeterValue")) reading.has_signature = true;
    return;
  }
  const Value value = document.scalar_at(member, arena);
  if (document.key_is(key, "value")) {
    out.has_value = true;
    set_value(value, reading);
    return;
  }
  if (value.kind() != ValueKind::kText) return;
  const std::string_view text = value.as_text();
  if (document.key_is(key, "measurand")) {
    reading.measurand = measurand_of(text);
  } else if (document.key_is(key, "unit")) {
    out.factor *= unit_factor(text);
    reading.unit_given = true;
  } else if (document.key_is(key, "context")) {
    reading.context = context_of(text);
  } else if (document.key_is(key, "phase")) {
    reading.phase = phase_of(text);
  } else if (document.key_is(key, "location")) {
    reading.at_outlet = text == "Outlet";
  } else if (document.key_is(key, "format")) {
    reading.is_signed = text == "SignedData";
    reading.has_signature = reading.has_signature || reading.is_signed;
  }
}

// False when the fact takes no more.
bool add_sample(const JsonDocument& document, std::size_t token, std::int64_t time_ns,
                ValueArena& arena, FactBuffer& out) {
  Sample sample;
  sample.reading.time_ns = time_ns;
  sample.reading.measurand = Measurand::kEnergyImportWh;
  for (std::size_t key = document.first_inside(token); key != 0;) {
    read_member(document, key, arena, sample);
    key = document.next_inside(JsonDocument::value_of(key));
  }
  sample.reading.unreadable = sample.reading.unreadable || !sample.has_value;
  sample.reading.value *= sample.factor;
  if (!std::isfinite(sample.reading.value)) {
    sample.reading.value = 0;
    sample.reading.unreadable = true;
  }
  return out.add_reading(sample.reading);
}

}  // namespace

void add_readings(const JsonDocument& document, std::size_t token, ValueArena& arena,
                  FactBuffer& out) {
  // Some stations of 1.6 send one MeterValue without its list.
  const bool is_list = document.first_byte(token) == '[';
  std::size_t meter_value = is_list ? document.first_inside(token) : token;
  for (; meter_value != 0; meter_value = is_list ? document.next_inside(meter_value) : 0) {
    if (document.first_byte(meter_value) != '{') continue;
    std::int64_t time_ns = 0;
    std::size_t samples = 0;
    for (std::size_t key = document.first_inside(meter_value); key != 0;) {
      const std::size_t member = JsonDocument::value_of(key);
      if (document.key_is(key, "timestamp") && document.first_byte(member) == '"') {
        time_ns = parse_timestamp_ns(document.scalar_at(member, arena).as_text()).value_or(0);
      } else if (document.key_is(key, "sampledValue")) {
        samples = member;
      }
      key = document.next_inside(member);
    }
    if (samples == 0) continue;
    const bool many = document.first_byte(samples) == '[';
    std::size_t sample = many ? document.first_inside(samples) : samples;
    for (; sample != 0; sample = many ? document.next_inside(sample) : 0) {
      if (document.first_byte(sample) != '{') continue;
      if (!add_sample(document, sample, time_ns, arena, out)) return;
    }
  }
}

}  // namespace chargewarden
