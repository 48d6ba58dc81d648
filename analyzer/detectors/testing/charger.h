#pragma once
// Charger: a station of a Scene that charges, in the words of its OCPP version.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

// All generations, for tests that hold for each.
inline const std::vector<std::string>& all_versions() {
  static const std::vector<std::string> kVersions = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};
  return kVersions;
}

// What one reading tells; what is absent is not told.
struct MeterReading {
  std::optional<double> energy_wh;
  std::optional<double> power_w;
  std::optional<double> soc_percent;
};

class Charger {
 public:
  Charger(Scene& scene, std::string_view id, const std::string& version = "ocpp1.6",
          LinkSetup setup = {});

  void boot(std::string_view model = "M");
  void status(int connector, std::string_view status);
  void authorize(std::string_view token, std::string_view status = "Accepted",
                 std::string_view group = "");
  void remote_start(int connector, std::string_view token, std::string_view answer = "Accepted");

  // Begins a session; the CSMS answers with that status, an empty one is no answer. `ago_s`: how
  // old the message says that it is.
  void start(int connector, std::string_view token, double meter_wh,
             std::string_view status = "Accepted", int ago_s = 0);

  // Readings of the session that began last.
  void read(const MeterReading& reading);

  // Ends it.
  void stop(double meter_wh, std::string_view token = "", std::string_view reason = "Local",
            std::string_view group = "");

  // Authorizes and starts, charges evenly with a reading a minute, and stops.
  void charge(int connector, std::string_view token, double meter_wh, double power_w, int minutes);

  // The transaction that began last.
  [[nodiscard]] const std::string& transaction() const noexcept { return transaction_; }

  // Goes on with an earlier one.
  void resume(const std::string& transaction) { transaction_ = transaction; }

  [[nodiscard]] Talk& talk() noexcept { return *talk_; }

  // Comes back by another connection.
  void reconnect();

  [[nodiscard]] bool is_2x() const noexcept { return is_2x_; }

 private:
  [[nodiscard]] std::string meter_value(const MeterReading& reading,
                                        std::string_view context) const;
  void send_event(std::string_view type, const std::string& more, std::string_view status,
                  std::string_view group = "", int ago_s = 0);

  Scene* scene_;
  std::string id_;
  LinkSetup setup_;
  Talk* talk_;
  bool is_2x_;
  int connector_ = 1;
  int sequence_ = 0;
  std::string transaction_;
};

}  // namespace chargewarden::testing
