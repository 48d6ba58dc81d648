#include "alerts/dispatch/dispatcher.h"

#include <chrono>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "alerts/model/alert_builder.h"

using namespace chargewarden;

namespace {

// What a sink got, outliving the sink.
struct Journal {
  std::vector<std::string> lines;
  std::vector<std::uint64_t> durable_before;  // Durable records when each alert arrived.
  int flushes = 0;
};

// Records that become durable after a while, from the waiting thread.
class SlowRecorder final : public AlertRecorder {
 public:
  [[nodiscard]] std::uint64_t next_index() const override { return recorded_; }

  Expected<void> record(const Alert& /*alert*/, std::string_view /*json*/) override {
    if (recorded_ >= fail_record_at) return Error{ErrorCode::kReadWrite, "cannot record"};
    ++recorded_;
    return {};
  }

  Expected<void> wait_durable(std::uint64_t index) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (index >= fail_durable_at) return Error{ErrorCode::kReadWrite, "the disk is full"};
    durable = index + 1;
    return {};
  }

  std::uint64_t fail_record_at = UINT64_MAX;
  std::uint64_t fail_durable_at = UINT64_MAX;
  std::atomic<std::uint64_t> durable = 0;

 private:
  std::uint64_t recorded_ = 0;
};

class JournalSink final : public Sink {
 public:
  JournalSink(Journal& journal, const SlowRecorder* recorder, std::size_t fail_at)
      : journal_(journal), recorder_(recorder), fail_at_(fail_at) {}

  Expected<void> deliver(const Alert& /*alert*/, std::string_view ocsf_json) override {
    if (journal_.lines.size() == fail_at_) return Error{ErrorCode::kReadWrite, "sink broke"};
    journal_.lines.emplace_back(ocsf_json);
    if (recorder_ != nullptr) journal_.durable_before.push_back(recorder_->durable);
    return {};
  }

  [[nodiscard]] bool wants_json() const noexcept override { return wants; }

  bool wants = true;

  Expected<void> flush() override {
    ++journal_.flushes;
    return {};
  }

 private:
  Journal& journal_;
  const SlowRecorder* recorder_;
  std::size_t fail_at_;
};

std::vector<std::unique_ptr<Sink>> sinks_of(Journal& journal,
                                            const SlowRecorder* recorder = nullptr,
                                            std::size_t fail_at = SIZE_MAX) {
  std::vector<std::unique_ptr<Sink>> sinks;
  sinks.push_back(std::make_unique<JournalSink>(journal, recorder, fail_at));
  return sinks;
}

std::uint64_t sequence_of(const std::string& line) {
  return nlohmann::json::parse(line)["metadata"]["sequence"].get<std::uint64_t>();
}

}  // namespace

TEST_CASE("without an audit trail an alert is delivered at once, numbered from one") {
  Journal journal;
  Dispatcher dispatcher({"0.1.0", ""}, nullptr, sinks_of(journal));
  dispatcher.on_alert(firmware_alert());
  REQUIRE(journal.lines.size() == 1);
  CHECK(sequence_of(journal.lines[0]) == 1);
  Alert update = firmware_alert();
  update.activity = Activity::kUpdate;
  dispatcher.on_alert(update);
  CHECK(sequence_of(journal.lines[1]) == 2);
  CHECK(dispatcher.finish());
  CHECK(journal.flushes == 1);
  CHECK(dispatcher.counters().messages == 2);
  CHECK(dispatcher.counters().creates_by_level[3] == 1);
}

TEST_CASE("the published form is made only where somebody looks at it") {
  for (const bool wants : {false, true}) {
    Journal journal;
    auto sink = std::make_unique<JournalSink>(journal, nullptr, SIZE_MAX);
    sink->wants = wants;
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(std::move(sink));
    Dispatcher dispatcher({"0.1.0", ""}, nullptr, std::move(sinks));
    dispatcher.on_alert(firmware_alert());
    REQUIRE(dispatcher.finish());
    REQUIRE(journal.lines.size() == 1);
    CHECK(journal.lines[0].empty() != wants);
  }
}

TEST_CASE("an alert reaches a sink only after its record is durable") {
  Journal journal;
  SlowRecorder recorder;
  Dispatcher dispatcher({"0.1.0", ""}, &recorder, sinks_of(journal, &recorder));
  for (int i = 0; i < 100; ++i) dispatcher.on_alert(firmware_alert());
  REQUIRE(dispatcher.finish());
  REQUIRE(journal.lines.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(journal.durable_before[i] > i);
    const auto object = nlohmann::json::parse(journal.lines[i]);
    CHECK(object["evidences"][0]["data"]["audit_index"] == i);
  }
}

TEST_CASE("more alerts than may wait arrive all the same, in order") {
  Journal journal;
  SlowRecorder recorder;
  Dispatcher dispatcher({"0.1.0", ""}, &recorder, sinks_of(journal, &recorder));
  for (std::size_t i = 0; i < 4 * kPendingMax; ++i) dispatcher.on_alert(firmware_alert());
  REQUIRE(dispatcher.finish());
  REQUIRE(journal.lines.size() == 4 * kPendingMax);
  for (std::size_t i = 0; i < journal.lines.size(); ++i) {
    REQUIRE(sequence_of(journal.lines[i]) == i + 1);
  }
}

TEST_CASE("a sink that fails is left alone, the others go on, and the end says so") {
  Journal broken;
  Journal whole;
  auto sinks = sinks_of(broken, nullptr, 1);
  sinks.push_back(std::make_unique<JournalSink>(whole, nullptr, SIZE_MAX));
  Dispatcher dispatcher({"0.1.0", ""}, nullptr, std::move(sinks));
  for (int i = 0; i < 3; ++i) dispatcher.on_alert(firmware_alert());
  CHECK(dispatcher.failed());
  const auto done = dispatcher.finish();
  REQUIRE_FALSE(done);
  CHECK(done.error().message == "sink broke");
  CHECK(broken.lines.size() == 1);
  CHECK(whole.lines.size() == 3);
}

TEST_CASE("what cannot be recorded is not published") {
  for (const bool at_once : {true, false}) {
    CAPTURE(at_once);
    Journal journal;
    SlowRecorder recorder;
    (at_once ? recorder.fail_record_at : recorder.fail_durable_at) = 5;
    Dispatcher dispatcher({"0.1.0", ""}, &recorder, sinks_of(journal, &recorder));
    for (int i = 0; i < 20; ++i) {
      dispatcher.on_alert(firmware_alert());
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    const auto done = dispatcher.finish();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::kReadWrite);
    CHECK(journal.lines.size() <= 5);
    CHECK(dispatcher.counters().messages == 20);
    CHECK(dispatcher.counters().unrecorded > 0);
  }
}
