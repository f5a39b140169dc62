#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// `text`, cut between two characters to at most `max_bytes`, with `?` for each
// byte that is no UTF-8: what a proto string may hold.
std::string BoundedUtf8(absl::string_view text, size_t max_bytes);

// Whether `text` is empty or nothing but white space, Unicode's included.
bool IsBlank(absl::string_view text);

}  // namespace holysheep
