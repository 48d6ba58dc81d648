#pragma once
// What standard output is: a terminal, how wide, whether it wants colour.

#include <cstddef>

namespace chargewarden {

// Columns of the terminal that standard output is, 0 when it is none.
std::size_t terminal_columns();

// Whether standard output is a terminal and NO_COLOR is not set (https://no-color.org).
bool terminal_has_colour();

}  // namespace chargewarden
