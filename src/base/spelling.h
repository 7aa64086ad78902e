#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace acta {

/// Edits that turn one word into the other (Levenshtein, a swap of neighbours counts once). Words beyond 128 bytes are
/// not compared: the distance is 128.
size_t edit_distance(std::string_view a, std::string_view b);

/// The known word nearest to `word`, or empty when none is near enough to be meant: a third of its letters, at least
/// two.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// "; did you mean 'x'?" for the nearest word, or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace acta
