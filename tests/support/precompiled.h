#pragma once

// What nearly every test includes, read once by the compiler (tests/CMakeLists.txt). A test
// includes what it uses all the same: it has to compile without this.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
