// Signed meter values: whether they are what the meter signed, whether the chain of records is
// whole, whether they say what is reported beside them (threats MB-09, MB-10).

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/session_subject.h"
#include "analyzer/detectors/signed_meter/meter_chain.h"
#include "analyzer/detectors/signed_meter/told_keys.h"
#include "analyzer/detectors/window.h"
#include "analyzer/facts/fact_buffer.h"
#include "analyzer/ocmf/signed_value.h"
#include "collector/event/defs/signed_meter_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kDayNs = 24LL * 3'600 * kNsPerSecond;

// Meters of one station: one per connector, and large hubs have some dozens behind one identity.
// Test: signed_meter_test.cc "a station has a bounded number of meters".
constexpr std::size_t kMetersMax = 64;

// Records that are remembered, so that one which comes again is recognised: those of a large fleet
// of some hours. Test: signed_meter_test.cc "records that are remembered are bounded".
constexpr std::size_t kRecordsMax = 65'536;
constexpr std::int64_t kRecordsLastNs = 7 * kDayNs;

// Signed values of one message that are looked into: those of a session of a day at one a quarter
// of an hour, and begin and end.
// Test: signed_meter_test.cc "signed values of a message beyond the limit are left out".
constexpr std::size_t kValuesPerMessageMax = 100;

// Signatures of one station that are checked within a minute: one takes up to two milliseconds, and
// a station chooses how many it sends. A reading a second is more than any sends.
// Test: signed_meter_test.cc "a station is checked no more than some times a minute".
constexpr std::int64_t kChecksWindowNs = 60 * kNsPerSecond;
constexpr std::uint64_t kChecksPerWindowMax = 120;

// Sessions with a signed value at their end that make it a habit of the station.
constexpr std::uint32_t kHabitMin = 2;

// A signed value may come in a message of its own after the end of the session.
constexpr std::int64_t kLateNs = 120 * kNsPerSecond;

// Sessions whose signed value may still come. Ends of a whole fleet within two minutes.
// Test: signed_meter_test.cc "sessions that wait for their signed value are bounded".
constexpr std::size_t kWaitingMax = 4'096;

// Energy below which nothing is billed, and a meter may have nothing to sign.
constexpr double kEnergyMinWh = 100;

// Readings beside the signed ones are rounded, and the meter corrects for the loss of the cable
// (OCMF 1.4.1, LC): up to some tenths of a percent at most.
constexpr double kToleranceShare = 0.01;

// One signed value of a message.
struct SignedItem {
  std::size_t reading = 0;
  std::string_view data;
  std::string_view signing_method;
  std::string_view encoding_method;
  std::string_view public_key;
};

struct Seen {
  std::uint64_t station = 0;  // Hash of its identity.
  SessionIndex session = kNoSession;
  std::uint32_t generation = 0;
  bool begin_seen = false;
  bool counted = false;    // The meter's chain has it.
  std::uint64_t text = 0;  // Hash of record, signature and key.
};

struct Known {
  std::vector<MeterChain> meters;
  std::unique_ptr<ToldKeys> keys;  // From the first one on.
  Window checks{kChecksWindowNs};
  std::uint32_t signed_sessions = 0;
  std::uint32_t missing_sessions = 0;
  bool told_unverifiable = false;
  std::int64_t gap_ns = 0;
};

struct SignedSession {
  std::uint32_t records = 0;
  bool has_end = false;
  bool is_counted = false;  // Among Known::signed_sessions.
  bool told_mismatch = false;
  std::optional<double> begin_wh;
  std::optional<double> end_wh;
  Packets packets;
};

struct Waiting {
  StationIndex station = kNoStation;
  SessionIndex session = kNoSession;
  std::uint32_t generation = 0;
  std::int64_t since_ns = 0;
  std::uint64_t tag = 0;
};

// The signed values of a message, in its order.
std::vector<SignedItem> read_items(const Fact& fact) {
  std::vector<SignedItem> out;
  for (const FactValue& value : fact.values()) {
    if (value.field == F::kSignedReading) {
      out.push_back({static_cast<std::size_t>(value.number), {}, {}, {}, {}});
    } else if (!out.empty()) {
      SignedItem& item = out.back();
      if (value.field == F::kSignedData) item.data = fact.text_of(value);
      if (value.field == F::kSigningMethod) item.signing_method = fact.text_of(value);
      if (value.field == F::kEncodingMethod) item.encoding_method = fact.text_of(value);
      if (value.field == F::kPublicKey) item.public_key = fact.text_of(value);
    }
  }
  return out;
}

Expected<ocmf::SignedValue> unwrap(const SignedItem& item, const Fact& fact) {
  const bool is_old =
      item.reading < fact.readings().size() && fact.readings()[item.reading].is_signed;
  if (is_old) return ocmf::unwrap_value_text(item.data);
  return ocmf::unwrap_members(item.data, item.signing_method, item.encoding_method,
                              item.public_key);
}

bool is_begin(char transaction) {
  return transaction == 'B';
}

// E end, L and R ended locally or remotely, A aborted, P power failure (OCMF 1.4.1, TX).
bool is_end(char transaction) {
  return std::string_view("ELRAP").find(transaction) != std::string_view::npos;
}

// Registers of energy that the vehicle takes (OBIS: B0 to B3 of OCMF, or 1.8 of IEC 62056-6-1).
bool is_import(const std::string& obis) {
  const auto colon = obis.find(':');
  if (colon == std::string::npos || colon + 1 >= obis.size()) return obis.empty();
  return obis[colon + 1] == 'B' || obis.compare(colon + 1, 4, "1.8.") == 0;
}

bool same_session(const Seen& seen, SessionIndex session, std::uint32_t generation) {
  return seen.session == session && seen.generation == generation;
}

class SignedMeterDetector final : public Detector {
 public:
  explicit SignedMeterDetector(const HashKey& key)
      : hash_key_(key), seen_(key, kRecordsMax, kRecordsLastNs) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kGap)] = true;
    out.actions = {"MeterValues",      "StopTransaction", "TransactionEvent",
                   "GetConfiguration", "GetVariables",    "NotifyReport"};
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    if (fact.head().kind == FactKind::kGap) {
      if (Known* known = known_.find(world.station_index())) known->gap_ns = fact.time_ns();
      return;
    }
    if (fact.has(F::kSetting)) take_settings(fact, world);
    if (!fact.is_call(fact.head().action)) return;
    if (fact.has(F::kSignedReading)) take_values(fact, world, reporter);
    if (world.step().kind == SessionStepKind::kEnd) on_session_end(world, reporter);
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    while (!waiting_.empty() && now_ns - waiting_.front().since_ns > kLateNs) {
      tell_missing(waiting_.front(), world, reporter);
      waiting_.erase(waiting_.begin());
    }
  }

  void on_station_forgotten(StationIndex station) override {
    known_.forget(station);
    std::erase_if(waiting_, [station](const Waiting& each) { return each.station == station; });
  }

  [[nodiscard]] std::uint64_t dropped() const override { return dropped_ + seen_.dropped(); }

 private:
  void take_settings(const Fact& fact, const World& world) {
    ToldKeys keys;
    keys.read(fact);
    if (keys.empty()) return;
    auto& known = known_.at(world.station_index()).keys;
    if (known == nullptr) known = std::make_unique<ToldKeys>();
    const std::uint64_t dropped_before = known->dropped();
    known->merge(keys);
    dropped_ += known->dropped() - dropped_before;
  }

  void take_values(const Fact& fact, const World& world, Reporter& reporter) {
    std::size_t taken = 0;
    for (const SignedItem& item : read_items(fact)) {
      // What was cut cannot be read any more.
      if (++taken > kValuesPerMessageMax || item.data.size() >= kFactTextMaxLen) {
        ++dropped_;
      } else if (!item.data.empty()) {
        take_value(item, fact, world, reporter);
      }
    }
  }

  void take_value(const SignedItem& item, const Fact& fact, const World& world,
                  Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    SignedSession* session = session_of(world);
    if (session != nullptr) {
      ++session->records;
      session->packets.add(reporter.tag());
    }
    const auto value = unwrap(item, fact);
    const auto format = value ? value.value().format : ocmf::SignedFormat::kOther;
    auto record = value && format == ocmf::SignedFormat::kOcmf
                      ? ocmf::parse_record(value.value().data)
                      : Expected<ocmf::Record>(Error{ErrorCode::kUnreadable, {}});
    if (!record) {
      // It cannot be read; what the reading is for is all that is known.
      const bool at_end = item.reading < fact.readings().size() &&
                          fact.readings()[item.reading].context == ReadingContext::kEnd;
      if (session != nullptr && at_end) session->has_end = true;
      tell_unverifiable(value ? record.error().message : value.error().message, format, known,
                        world, reporter);
      return;
    }
    take_record(item, value.value(), record.value(), known, world, reporter);
    if (session == nullptr) return;
    take_energy(record.value(), *session);
    if (!world.session(world.step().session).open) settle(*session, known, world, reporter);
  }

  void take_record(const SignedItem& item, const ocmf::SignedValue& value,
                   const ocmf::Record& record, Known& known, const World& world,
                   Reporter& reporter) {
    MeterChain* meter = meter_of(record, known);
    if (meter == nullptr) return;
    Seen& seen = seen_.at(key_of(record.payload), world.now_ns());
    const std::uint64_t text = hash(item.data) ^ hash(item.public_key) * 3;
    if (seen.station == 0) {
      seen = origin_of(world);
    } else if (is_replayed(seen, world)) {
      tell(SignedProblem::kReplayed, record, *meter, {}, {}, world, reporter);
      return;
    }
    if (seen.text == text) return;  // The same once more.
    seen.text = text;
    if (known.checks.count(world.now_ns()) >= kChecksPerWindowMax) {
      ++dropped_;
      return;
    }
    (void)known.checks.add(world.now_ns());
    const std::string_view told = told_key(known, world);
    if (!told.empty() && meter->fingerprint().empty()) {
      const auto own = ocmf::verify_record(record, told, value.signing_method);
      if (!own.key_fingerprint.empty()) meter->set_key(told, own.key_fingerprint);
    }
    const auto check =
        ocmf::verify_record(record, key_for(value, told, *meter), value.signing_method);
    judge_signature(check, value, record, *meter, known, world, reporter);
    if (check.verdict == crypto::Verdict::kInvalid || seen.counted) return;
    seen.counted = true;
    judge_states(record, check, *meter, world, reporter);
    const PageFinding pages = meter->take_page(record, place_of(known, world));
    if (pages.problem) tell(*pages.problem, record, *meter, check, pages, world, reporter);
  }

  void judge_signature(const ocmf::RecordCheck& check, const ocmf::SignedValue& value,
                       const ocmf::Record& record, MeterChain& meter, Known& known,
                       const World& world, Reporter& reporter) {
    switch (check.verdict) {
      case crypto::Verdict::kInvalid:
        tell(SignedProblem::kInvalid, record, meter, check, {}, world, reporter);
        return;
      case crypto::Verdict::kCannotTell:
        tell_unverifiable(check.reason, value.format, known, world, reporter);
        return;
      case crypto::Verdict::kValid:
        break;
    }
    if (check.key_fingerprint == meter.fingerprint()) return;
    if (!meter.fingerprint().empty()) {
      tell(SignedProblem::kKeyChanged, record, meter, check, {}, world, reporter);
    }
    meter.set_key(key_for(value, told_key(known, world), meter), check.key_fingerprint);
  }

  // As the station told it in its settings, for the connector of the fact's session.
  static std::string_view told_key(const Known& known, const World& world) {
    if (known.keys == nullptr || world.step().session == kNoSession) return {};
    return known.keys->find(world.session(world.step().session).connector);
  }

  // The one beside the record, else the one of the settings, else that of the records before.
  static std::string_view key_for(const ocmf::SignedValue& value, std::string_view told,
                                  const MeterChain& meter) {
    if (!value.public_key.empty()) return value.public_key;
    return told.empty() ? std::string_view(meter.key_text()) : told;
  }

  // States other than G (good); a record tells them for each of its readings.
  void judge_states(const ocmf::Record& record, const ocmf::RecordCheck& check, MeterChain& meter,
                    const World& world, Reporter& reporter) {
    const auto is_bad = [](const ocmf::Reading& each) {
      return each.meter_state != '\0' && each.meter_state != 'G';
    };
    const auto& readings = record.readings;
    if (std::any_of(readings.begin(), readings.end(), is_bad)) {
      tell(SignedProblem::kMeterState, record, meter, check, {}, world, reporter);
    }
    if (std::any_of(readings.begin(), readings.end(), [](const ocmf::Reading& each) {
          return each.error_flags.find('E') != std::string::npos;
        })) {
      tell(SignedProblem::kMeterError, record, meter, check, {}, world, reporter);
    }
  }

  static void take_energy(const ocmf::Record& record, SignedSession& session) {
    for (const ocmf::Reading& reading : record.readings) {
      if (is_end(reading.transaction)) session.has_end = true;
      if (!reading.value_wh || !is_import(reading.obis)) continue;
      if (is_begin(reading.transaction) && !session.begin_wh) session.begin_wh = reading.value_wh;
      if (is_end(reading.transaction)) session.end_wh = reading.value_wh;
    }
  }

  void on_session_end(const World& world, Reporter& reporter) {
    Known* known = known_.find(world.station_index());
    if (known == nullptr) return;
    const SessionIndex index = world.step().session;
    SignedSession* values = sessions_.find(index, world.session(index));
    if (values != nullptr && values->has_end) {
      settle(*values, *known, world, reporter);
      return;
    }
    if (waiting_.size() >= kWaitingMax) {
      ++dropped_;
      return;
    }
    waiting_.push_back({world.station_index(), index, world.session(index).generation,
                        world.now_ns(), reporter.tag()});
  }

  // The session of the fact has ended, and may have all of its signed values.
  void settle(SignedSession& values, Known& known, const World& world, Reporter& reporter) {
    if (values.has_end && !values.is_counted) {
      values.is_counted = true;
      ++known.signed_sessions;
    }
    if (values.told_mismatch || !values.begin_wh || !values.end_wh) return;
    const Session& session = world.session(world.step().session);
    if (!session.meter_start_wh || !session.meter_stop_wh) return;
    const double measured = *values.end_wh - *values.begin_wh;
    const double reported = *session.meter_stop_wh - *session.meter_start_wh;
    const double larger = std::max(std::abs(measured), std::abs(reported));
    const double difference = reported - measured;
    if (std::abs(difference) <= std::max(kEnergyMinWh, larger * kToleranceShare)) return;
    values.told_mismatch = true;
    Packets packets;
    packets.add(session.start_tag);
    for (const std::uint64_t tag : values.packets.tags()) packets.add(tag);
    packets.add(session.stop_tag);
    Event event = reporter.make(kSignedMismatch);
    set_subject(session, event);
    event.set(kSignedWh, amount(measured));
    event.set(kReportedWh, amount(reported));
    event.set(kSignedDifference, amount(difference));
    event.set(kSignedPercent, amount(std::abs(difference) / larger * 100));
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  void tell_missing(const Waiting& waiting, const World& world, Reporter& reporter) {
    const Session& session = world.session(waiting.session);
    Known* known = known_.find(waiting.station);
    if (session.generation != waiting.generation || known == nullptr) return;
    const SignedSession* values = sessions_.find(waiting.session, session);
    if (values != nullptr && values->has_end) return;
    const double energy = session.meter_stop_wh.value_or(0) - session.meter_start_wh.value_or(0);
    const bool is_billed = session.begin_seen && session.meter_start_wh && energy >= kEnergyMinWh;
    // Without power the meter cannot sign.
    const bool is_cut_off = session.stop_reason == "PowerLoss";
    if (known->signed_sessions < kHabitMin || !is_billed || is_cut_off) return;
    const std::uint32_t times = ++known->missing_sessions;
    if ((times & (times - 1)) != 0) return;
    Packets packets;
    packets.add(session.start_tag);
    packets.add(waiting.tag);
    Event event = reporter.make(kSignedMissing, subject_of(world.station(waiting.station), world));
    set_subject(session, event);
    event.set_int(kSignedBefore, known->signed_sessions);
    event.set_bool(kBeginSigned, values != nullptr && values->records > 0);
    event.set_int(kMissingTimes, times);
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  static void tell_unverifiable(const std::string& reason, ocmf::SignedFormat format, Known& known,
                                const World& world, Reporter& reporter) {
    if (known.told_unverifiable) return;
    known.told_unverifiable = true;
    Event event = reporter.make(kUnverifiable);
    if (world.step().session != kNoSession) {
      set_subject(world.session(world.step().session), event);
    }
    constexpr std::string_view kOtherFormat = "only records in OCMF can be verified";
    event.set_text(kUnverifiableReason, reason.empty() ? kOtherFormat : std::string_view(reason));
    event.set_text(kUnverifiableFormat, format == ocmf::SignedFormat::kOcmf  ? "OCMF"
                                        : format == ocmf::SignedFormat::kXml ? "XML"
                                                                             : "other");
    reporter.emit(event);
  }

  static void tell(SignedProblem problem, const ocmf::Record& record, MeterChain& meter,
                   const ocmf::RecordCheck& check, const PageFinding& pages, const World& world,
                   Reporter& reporter) {
    const auto times = meter.count(problem);
    if (!times) return;
    Event event = reporter.make(kSignedValue);
    if (world.step().session != kNoSession) {
      set_subject(world.session(world.step().session), event);
    }
    event.set_text(kSignedProblem, to_string(problem));
    if (problem != SignedProblem::kReplayed) {
      event.set_text(kSignedVerdict, crypto::to_string(check.verdict));
      if (!check.reason.empty()) event.set_text(kSignedReason, check.reason);
      if (!check.key_fingerprint.empty()) event.set_text(kKeyFingerprint, check.key_fingerprint);
    }
    if (problem == SignedProblem::kKeyChanged) {
      event.set_text(kKeyFingerprintBefore, meter.fingerprint());
    }
    event.set_text(kMeterSerial, meter.serial());
    const std::string context(1, record.context);
    const auto to_int = [](std::uint64_t page) {
      return static_cast<std::int64_t>(std::min<std::uint64_t>(page, INT64_MAX));
    };
    if (record.page) {
      event.set_text(kPageContext, context);
      event.set_int(kPage, to_int(*record.page));
    }
    if (pages.problem) {
      event.set_int(kPageBefore, to_int(pages.page_before));
      if (pages.missing > 0) event.set_int(kPagesMissing, to_int(pages.missing));
      event.set_bool(kCaptureGap, pages.capture_gap);
    }
    std::string state;
    std::string errors;
    for (const ocmf::Reading& reading : record.readings) {
      if (reading.meter_state != '\0' && reading.meter_state != 'G') state = reading.meter_state;
      if (!reading.error_flags.empty()) errors = reading.error_flags;
    }
    if (problem == SignedProblem::kMeterState) event.set_text(kMeterState, state);
    if (problem == SignedProblem::kMeterError) event.set_text(kMeterErrors, errors);
    event.set_int(kTimes, *times);
    reporter.emit(event);
  }

  // The record was first seen at another station, or in another session of this one.
  [[nodiscard]] bool is_replayed(const Seen& seen, const World& world) const {
    const Seen now = origin_of(world);
    if (seen.station != now.station) return true;
    return seen.begin_seen && now.begin_seen && !same_session(seen, now.session, now.generation);
  }

  [[nodiscard]] Seen origin_of(const World& world) const {
    Seen out;
    out.station = hash(world.station()->id) | 1U;  // 0 is none.
    out.session = world.step().session;
    if (out.session == kNoSession) return out;
    const Session& session = world.session(out.session);
    out.generation = session.generation;
    out.begin_seen = session.begin_seen;
    return out;
  }

  RecordPlace place_of(const Known& known, const World& world) {
    RecordPlace out;
    out.time_ns = world.now_ns();
    out.gap_ns = known.gap_ns;
    if (world.link() != nullptr) out.link_opened_ns = world.link()->opened_ns;
    const SignedSession* values = session_of(world);
    if (values == nullptr || values->records != 1) return out;
    const Session& session = world.session(world.step().session);
    if (session.begin_seen && !session.offline) out.begun_ns = session.started_ns;
    return out;
  }

  SignedSession* session_of(const World& world) {
    const SessionIndex index = world.step().session;
    return index == kNoSession ? nullptr : &sessions_.at(index, world.session(index));
  }

  // Null when the station has too many.
  MeterChain* meter_of(const ocmf::Record& record, Known& known) {
    const std::string& serial =
        record.meter_serial.empty() ? record.gateway_serial : record.meter_serial;
    const auto found =
        std::find_if(known.meters.begin(), known.meters.end(),
                     [&](const MeterChain& each) { return each.serial() == serial; });
    if (found != known.meters.end()) return &*found;
    if (known.meters.size() >= kMetersMax) {
      ++dropped_;
      return nullptr;
    }
    known.meters.emplace_back(serial);
    return &known.meters.back();
  }

  [[nodiscard]] std::uint64_t hash(std::string_view text) const {
    SipHash13 hash(hash_key_);
    hash.add(text);
    return hash.finish();
  }

  [[nodiscard]] std::string key_of(std::string_view payload) const {
    return std::to_string(hash(payload));
  }

  HashKey hash_key_;
  ByStation<Known> known_;
  BySession<SignedSession> sessions_;
  ExpiringMap<Seen> seen_;        // By the hash of the payload.
  std::vector<Waiting> waiting_;  // Oldest first.
  std::uint64_t dropped_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kSignedValue,
    &kUnverifiable,
    &kSignedMissing,
    &kSignedMismatch,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<SignedMeterDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kSignedMeter;
const DetectorDef kSignedMeter = {"signed_meter", kEvents, create};

}  // namespace chargewarden::session
