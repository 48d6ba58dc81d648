#pragma once
// "Did you mean": the known word that is nearest to what was written.

#include <span>
#include <string>
#include <string_view>

namespace chargewarden {

// The nearest candidate by edit distance (insert, delete, replace, swap of neighbours), compared
// without ASCII case; empty when none is near enough to be what was meant (a third of the word).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// `did you mean "x"?`, or `otherwise` when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string otherwise = {});

}  // namespace chargewarden
