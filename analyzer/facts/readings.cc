#include "analyzer/facts/readings.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "collector/base/short_decimal.h"
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
  if (unit.empty() || (unit.front() != 'k' && unit.front() != 'K')) return 1;
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
  std::size_t value_token = 0;
  std::size_t signed_token = 0;  // signedMeterValue
};

// Numbers are text in 1.6; some stations of 2.x send text too.
void set_value(std::string_view text, Reading& reading) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (const auto number = read_short_decimal(text)) {
    reading.value = number->value();
    return;
  }
  const auto read = std::from_chars(text.data(), text.data() + text.size(), reading.value);
  reading.unreadable = read.ec != std::errc() || !std::isfinite(reading.value);
  if (reading.unreadable) reading.value = 0;
}

void set_unit(std::string_view text, Sample& out) {
  out.factor *= unit_factor(text);
  out.reading.unit_given = true;
}

void set_multiplier(std::string_view text, Sample& out) {
  // An exponent beyond these makes a number that is none (OCPP 2.0.1: -3 to 9 in practice).
  constexpr int kExponentMax = 12;
  int exponent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (read.ec == std::errc() && exponent >= -kExponentMax && exponent <= kExponentMax) {
    out.factor *= std::pow(10.0, exponent);
  } else {
    out.reading.unreadable = true;
  }
}

void read_unit(const JsonWalk& walk, std::size_t token, ValueArena& arena, Sample& out) {
  for (std::size_t key = walk.first_inside(token); key != 0;) {
    const std::size_t member = JsonWalk::value_of(key);
    const std::string_view name = walk.text(key, arena);
    if (name == "unit" && walk.first_byte(member) == '"') {
      set_unit(walk.text(member, arena), out);
    } else if (name == "multiplier" && !walk.is_container(member)) {
      set_multiplier(walk.scalar(member), out);
    }
    key = walk.next_inside(member);
  }
}

void set_format(std::string_view text, Sample& out) {
  out.reading.is_signed = text == "SignedData";
  out.reading.has_signature = out.reading.has_signature || out.reading.is_signed;
}

// A member of SampledValue that is text. Told apart by length first: most of what stations send
// passes here.
void set_text(std::string_view name, std::string_view text, Sample& out) {
  switch (name.size()) {
    case 4:
      if (name == "unit") set_unit(text, out);
      break;
    case 5:
      if (name == "phase") out.reading.phase = phase_of(text);
      break;
    case 6:
      if (name == "format") set_format(text, out);
      break;
    case 7:
      if (name == "context") out.reading.context = context_of(text);
      break;
    case 8:
      if (name == "location") out.reading.at_outlet = text == "Outlet";
      break;
    case 9:
      if (name == "measurand") out.reading.measurand = measurand_of(text);
      break;
    default:
      break;
  }
}

void read_value(const JsonWalk& walk, std::size_t token, ValueArena& arena, Sample& out) {
  out.has_value = true;
  out.value_token = token;
  if (walk.is_container(token)) {
    out.reading.unreadable = true;
  } else {
    const bool is_text = walk.first_byte(token) == '"';
    set_value(is_text ? walk.text(token, arena) : walk.scalar(token), out.reading);
  }
}

void read_member(const JsonWalk& walk, std::size_t key, ValueArena& arena, Sample& out) {
  const std::size_t member = JsonWalk::value_of(key);
  const std::string_view name = walk.text(key, arena);
  const char first = walk.first_byte(member);
  if (name == "value") {
    read_value(walk, member, arena, out);
  } else if (first == '"') {
    set_text(name, walk.text(member, arena), out);
  } else if (first == '{') {
    if (name == "unitOfMeasure") read_unit(walk, member, arena, out);
    if (name == "signedMeterValue") {
      out.reading.has_signature = true;
      out.signed_token = member;
    }
  }
}

constexpr auto kSignedMembers = std::to_array<std::pair<std::string_view, FactField>>({
    {"signedMeterData", FactField::kSignedData},
    {"signingMethod", FactField::kSigningMethod},
    {"encodingMethod", FactField::kEncodingMethod},
    {"publicKey", FactField::kPublicKey},
});

// What the meter signed, as values of the fact (OCA, Signed Meter Values in OCPP).
void add_signed(const JsonWalk& walk, const Sample& sample, ValueArena& arena, FactBuffer& out) {
  out.add_number(FactField::kSignedReading, static_cast<std::int64_t>(out.reading_count()));
  if (sample.reading.is_signed && sample.value_token != 0 &&
      walk.first_byte(sample.value_token) == '"') {
    out.add_text(FactField::kSignedData, walk.text(sample.value_token, arena));
  }
  if (sample.signed_token == 0) return;
  for (std::size_t key = walk.first_inside(sample.signed_token); key != 0;) {
    const std::size_t member = JsonWalk::value_of(key);
    const std::string_view name = walk.text(key, arena);
    for (const auto& [known, field] : kSignedMembers) {
      if (known == name && walk.first_byte(member) == '"') {
        out.add_text(field, walk.text(member, arena));
      }
    }
    key = walk.next_inside(member);
  }
}

// False when the fact takes no more.
bool add_sample(const JsonWalk& walk, std::size_t token, std::int64_t time_ns, ValueArena& arena,
                FactBuffer& out) {
  Sample sample;
  sample.reading.time_ns = time_ns;
  sample.reading.measurand = Measurand::kEnergyImportWh;
  for (std::size_t key = walk.first_inside(token); key != 0;) {
    read_member(walk, key, arena, sample);
    key = walk.next_inside(JsonWalk::value_of(key));
  }
  sample.reading.unreadable = sample.reading.unreadable || !sample.has_value;
  sample.reading.value *= sample.factor;
  if (!std::isfinite(sample.reading.value)) {
    sample.reading.value = 0;
    sample.reading.unreadable = true;
  }
  if (sample.reading.has_signature) add_signed(walk, sample, arena, out);
  return out.add_reading(sample.reading);
}

// Calls `visit(element)` for each object of a list, or for the one that stands in its place: some
// stations leave the list away. Stops when it returns false.
template <typename Visit>
bool for_each_object(const JsonWalk& walk, std::size_t token, Visit&& visit) {
  if (walk.first_byte(token) == '{') return visit(token);
  if (walk.first_byte(token) != '[') return true;
  for (std::size_t element = walk.first_inside(token); element != 0;
       element = walk.next_inside(element)) {
    if (walk.first_byte(element) == '{' && !visit(element)) return false;
  }
  return true;
}

}  // namespace

void add_readings(const JsonWalk& walk, std::size_t token, ValueArena& arena, FactBuffer& out) {
  for_each_object(walk, token, [&](std::size_t meter_value) {
    std::int64_t time_ns = 0;
    std::size_t samples = 0;
    for (std::size_t key = walk.first_inside(meter_value); key != 0;) {
      const std::size_t member = JsonWalk::value_of(key);
      const std::string_view name = walk.text(key, arena);
      if (name == "timestamp" && walk.first_byte(member) == '"') {
        time_ns = parse_timestamp_ns(walk.text(member, arena)).value_or(0);
      } else if (name == "sampledValue") {
        samples = member;
      }
      key = walk.next_inside(member);
    }
    return samples == 0 || for_each_object(walk, samples, [&](std::size_t sample) {
             return add_sample(walk, sample, time_ns, arena, out);
           });
  });
}

}  // namespace chargewarden
