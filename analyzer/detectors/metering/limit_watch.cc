#include "analyzer/detectors/metering/limit_watch.h"

#include <algorithm>
#include <array>

#include "analyzer/detectors/session_subject.h"
#include "analyzer/facts/packet_tag.h"
#include "analyzer/state/session_table.h"
#include "collector/event/defs/metering_events.h"

namespace chargewarden::session {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// 230 V and 10 % more (EN 50160, 4.2.2).
constexpr double kPhaseVoltageMaxV = 253;

constexpr double kPhasesMax = 3;

// 230 V and 10 % less.
constexpr double kPhaseVoltageMinV = 207;

// Half a step of what a control pilot can say (IEC 61851-1, A.3: 0.6 A for each percent).
constexpr double kLimitMarginA = 0.6;

// A new limit is in the schedule when the station has taken it over.
constexpr std::int64_t kScheduleAfterNs = 60 * kNsPerSecond;

// A vehicle has to follow a new limit within seconds (IEC 61851-1, A.5.3: 5 s), slow ones and their
// readings within minutes. What is above it by rounding and meters is not told.
constexpr std::int64_t kLimitRampNs = 180 * kNsPerSecond;
constexpr double kLimitShare = 1.1;
constexpr double kLimitMarginW = 500;
constexpr int kLimitSamplesMin = 3;

// A power that was above a new limit, is not any more after the ramp, and is still this share of
// it, has followed it. Once may be a vehicle that was just slowing down.
constexpr double kLimitedShare = 0.5;
constexpr int kLimitsFollowedMin = 2;

}  // namespace

void LimitWatch::on_set(const Fact& answer) {
  Profile profile;
  profile.id = answer.text(F::kProfileId);
  profile.purpose = answer.text(F::kPurpose);
  profile.transaction = answer.text(F::kTransaction);
  profile.stack_level = answer.number(F::kStackLevel).value_or(0);
  profile.connector = std::max(0, connector_of(answer));
  profile.accepted_ns = answer.time_ns();
  profile.tag = pack_tag({answer.head().source, answer.head().packet_number});
  profile.from_ns = std::max(answer.number(F::kValidFrom).value_or(0),
                             answer.number(F::kScheduleStart).value_or(0));
  profile.to_ns = answer.number(F::kValidTo).value_or(INT64_MAX);
  if (const auto duration = answer.number(F::kScheduleDurationS)) {
    const std::int64_t start = std::max(profile.from_ns, profile.accepted_ns);
    constexpr std::int64_t kLongestS = 10LL * 365 * 24 * 3'600;
    profile.to_ns = std::min(
        profile.to_ns, start + std::clamp<std::int64_t>(*duration, 0, kLongestS) * kNsPerSecond);
  }
  const bool in_amperes = answer.text(F::kLimitUnit) == "A";
  std::size_t periods = 0;
  for (const FactValue& value : answer.values()) periods += value.field == F::kItem ? 1 : 0;
  const auto limit = answer.real(F::kLimit);
  profile.limit_w = limit.value_or(0) * (in_amperes ? kPhasesMax * kPhaseVoltageMaxV : 1);
  if (in_amperes) profile.limit_a = limit.value_or(0);
  profile.is_certain =
      periods == 1 && limit && *limit >= 0 && answer.number(F::kPeriodStartS).value_or(0) == 0 &&
      answer.text(F::kProfileKind) != "Recurring" && answer.text(F::kProfileKind) != "Dynamic";
  // A profile takes the place of one with its id, or with its purpose, level and connector.
  std::erase_if(profiles_, [&](const Profile& each) {
    return each.id == profile.id ||
           (each.purpose == profile.purpose && each.stack_level == profile.stack_level &&
            each.connector == profile.connector);
  });
  if (profiles_.size() >= kProfilesMax) profiles_.erase(profiles_.begin());
  profiles_.push_back(std::move(profile));
  set_aside();
}

// A profile for transactions sets the default aside, a higher level a lower one.
void LimitWatch::set_aside() {
  for (Profile& each : profiles_) {
    each.set_aside = std::any_of(profiles_.begin(), profiles_.end(), [&](const Profile& other) {
      const bool higher = other.purpose == each.purpose && other.stack_level > each.stack_level;
      const bool own = each.purpose == "TxDefaultProfile" && other.purpose == "TxProfile";
      return higher || own;
    });
  }
}

std::optional<LimitWatch::Limit> LimitWatch::limit_of(std::int32_t connector,
                                                      std::string_view transaction,
                                                      std::int64_t now_ns) const {
  std::optional<Limit> out;
  for (const Profile& each : profiles_) {
    const bool concerns = each.connector == 0 || each.connector == connector;
    const bool valid = now_ns >= each.from_ns && now_ns < each.to_ns;
    const bool foreign = !each.transaction.empty() && each.transaction != transaction;
    if (!each.is_certain || each.set_aside || !concerns || !valid || foreign) continue;
    if (!out || each.limit_w < out->limit_w) {
      out = Limit{each.limit_w, each.limit_a, each.accepted_ns, each.tag};
    }
  }
  return out;
}

void LimitWatch::check(const Sample& sample, const Session& session, std::int64_t now_ns,
                       LimitState& state, Reporter& reporter) {
  if (!sample.power_w) return;
  const auto limit = limit_of(session.connector, session.transaction, now_ns);
  const bool ramped = limit && now_ns - limit->since_ns > kLimitRampNs;
  const bool over = ramped && *sample.power_w > limit->limit_w * kLimitShare + kLimitMarginW;
  if (limit && state.seen_ns != limit->since_ns) {
    state.seen_ns = limit->since_ns;
    state.power_before_w = state.power_w;
  }
  if (ramped && state.power_before_w > 0) {
    const bool was_over = state.power_before_w > limit->limit_w * kLimitShare + kLimitMarginW;
    const bool goes_on = *sample.power_w > limit->limit_w * kLimitedShare;
    if (was_over && !over && goes_on) ++followed_;
    state.power_before_w = 0;
  }
  state.power_w = *sample.power_w;
  state.samples = over ? state.samples + 1 : 0;
  if (state.samples < kLimitSamplesMin || state.told_ns == limit->since_ns) return;
  state.told_ns = limit->since_ns;
  const std::array<std::uint64_t, 2> tags = {limit->tag, reporter.tag()};
  Event event = reporter.make(kOverLimit);
  set_subject(session, event);
  event.set(kOverPower, amount(*sample.power_w));
  event.set(kOverLimitW, amount(limit->limit_w));
  event.set_bool(kKeptBefore, followed_ >= kLimitsFollowedMin);
  event.set_int(kOverSince, (now_ns - limit->since_ns) / kNsPerSecond);
  event.set_packets(tags);
  reporter.emit(event);
}

void LimitWatch::check_schedule(const Fact& answer, const Session& session, LimitState& state,
                                Reporter& reporter) const {
  const std::int64_t now_ns = answer.time_ns();
  const auto limit = limit_of(session.connector, session.transaction, now_ns);
  const auto reported = answer.real(F::kLimit);
  const bool from_now = answer.number(F::kPeriodStartS).value_or(0) == 0;
  if (!limit || !reported || !from_now || now_ns - limit->since_ns < kScheduleAfterNs) return;
  const bool in_amperes = answer.text(F::kLimitUnit) == "A";
  double allowed = limit->limit_w * kLimitShare + kLimitMarginW;
  double least = *reported;
  if (in_amperes && limit->limit_a > 0) {
    allowed = limit->limit_a * kLimitShare + kLimitMarginA;
  } else if (in_amperes) {
    // Stations on one phase do not always say so.
    least *= kPhaseVoltageMinV * static_cast<double>(answer.number(F::kPhases).value_or(1));
  }
  if (least <= allowed || state.schedule_told_ns == limit->since_ns) return;
  state.schedule_told_ns = limit->since_ns;
  const std::array<std::uint64_t, 2> tags = {limit->tag, reporter.tag()};
  Event event = reporter.make(kScheduleAbove);
  set_subject(session, event);
  event.set(kReported, amount(*reported));
  event.set_text(kReportedUnit, in_amperes ? "A" : "W");
  event.set(kScheduleLimit, amount(limit->limit_w));
  event.set_int(kScheduleSince, (now_ns - limit->since_ns) / kNsPerSecond);
  event.set_packets(tags);
  reporter.emit(event);
}

}  // namespace chargewarden::session
