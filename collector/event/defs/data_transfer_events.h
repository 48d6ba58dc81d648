#pragma once
// Events about private messages between station and backend. Reported by
// analyzer/detectors/data_transfer.

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::data_transfer {

inline constexpr auto kOpaqueFields = std::to_array<FieldDef>({
    {"station.vendor_id", FieldType::kText, "", "OCPP 1.6, 6.17", "vendorId of the messages."},
    {"station.data_id", FieldType::kText, "", "OCPP 1.6, 6.17", "messageId of the latest one."},
    {"station.data_direction", FieldType::kText, "", "Chargewarden",
     "station_to_csms or csms_to_station: who sent the latest one."},
    {"station.opaque_messages", FieldType::kInt, "", "Chargewarden",
     "DataTransfer messages with opaque content within 10 to 20 minutes: long runs of Base64 or "
     "hexadecimal digits with the entropy of encrypted or packed data."},
    {"station.opaque_bytes", FieldType::kInt, "bytes", "Chargewarden", "Length of that content."},
});
inline constexpr EventDef kOpaque{"station.opaque_data", "station",
                                  "A station and its backend exchange content that cannot be read; "
                                  "told at 5 messages with 16 KiB "
                                  "and then whenever the bytes have doubled.",
                                  kOpaqueFields};
inline constexpr auto kVendorId = field_key(kOpaqueFields, "station.vendor_id");
inline constexpr auto kDataId = field_key(kOpaqueFields, "station.data_id");
inline constexpr auto kDirection = field_key(kOpaqueFields, "station.data_direction");
inline constexpr auto kOpaqueMessages = field_key(kOpaqueFields, "station.opaque_messages");
inline constexpr auto kOpaqueBytes = field_key(kOpaqueFields, "station.opaque_bytes");

}  // namespace chargewarden::data_transfer
