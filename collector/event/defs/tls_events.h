#pragma once
// Events about TLS connections (RFC 8446).

#include <array>

#include "collector/event/schema.h"

namespace chargewarden::tls {

inline constexpr auto kSeenFields = std::to_array<FieldDef>({
    {"tls.record_version", FieldType::kText, "", "RFC 8446, 5.1",
     "Version in the first record, such as 3.1 or 3.3; not the version that is agreed on."},
});
inline constexpr EventDef kSeen{
    "tls.seen", "tls", "A connection is encrypted with TLS: what is inside is not observable.",
    kSeenFields};
inline constexpr auto kRecordVersion = field_key(kSeenFields, "tls.record_version");

}  // namespace chargewarden::tls
