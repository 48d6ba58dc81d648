#pragma once
// The form of an alert for people at a terminal: level, time, station, title, what happened, what
// to do.

#include <string>
#include <string_view>

#include "alerts/model/alert.h"

namespace chargewarden {

// Escape sequences: what a level looks like, and back to plain.
std::string_view colour_of(Level level);
inline constexpr std::string_view kColourOff = "\x1b[0m";

enum class Colour : std::uint8_t { kOff, kOn };

// Appends a few lines of at most 100 columns, with a line feed at the end. Nothing that a station
// or a rule says can move the cursor, change colours or reverse the text.
void render_text(const Alert& alert, Colour colour, std::string& out);

// Appends `text` with everything that a terminal would act upon replaced by '?': control characters
// (C0, C1, DEL), marks that reorder text (Unicode TR 9), and bytes that are not UTF-8.
void append_terminal_safe(std::string& out, std::string_view text);

}  // namespace chargewarden
