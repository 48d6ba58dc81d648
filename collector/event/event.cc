#include "collector/event/event.h"

#include <fmt/format.h>

namespace chargewarden {

Value Event::value(Slot slot) const noexcept {
  if ((present_ >> slot & 1U) != 0) return values_[slot];
  return slot < kCommonSlotCount ? common_value(slot) : Value();
}

Value Event::common_value(Slot slot) const noexcept {
  switch (static_cast<CommonSlot>(slot)) {
    case kSlotCategory:
      return Value::text(def_->category);
    case kSlotName:
      return Value::text(def_->name);
    case kSlotTime:
      return Value::text(format_rfc3339(time_ns_, time_text_));
    case kSlotOrigin: {
      const auto end = fmt::format_to_n(origin_text_.data(), origin_text_.size(), "{}:{}#{}",
                                        origin_.kind, origin_.source, origin_.number);
      return Value::text({origin_text_.data(), std::min(end.size, origin_text_.size())});
    }
    case kSlotStationId:
      return station_.empty() ? Value() : Value::text(station_);
    default:
      break;
  }
  if (flow_ == nullptr) return {};
  const bool from_client = sender_ == Side::kClient;
  // Of connections that are known from a log, only a part is told; port 0 is nobody's.
  const auto text = [](const std::string& known) {
    return known.empty() ? Value() : Value::text(known);
  };
  const auto port = [](std::uint16_t known) {
    return known == 0 ? Value() : Value::integer(known);
  };
  switch (static_cast<CommonSlot>(slot)) {
    case kSlotSourceIp:
      return text(from_client ? flow_->client_ip_text : flow_->server_ip_text);
    case kSlotSourcePort:
      return port(from_client ? flow_->client_port : flow_->server_port);
    case kSlotDestinationIp:
      return text(from_client ? flow_->server_ip_text : flow_->client_ip_text);
    case kSlotDestinationPort:
      return port(from_client ? flow_->server_port : flow_->client_port);
    case kSlotFlowId:
      return text(flow_->id);
    default:
      return {};
  }
}

}  // namespace chargewarden
