#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace holysheep {

// UPSTREAM_MALFORMED for an answer of more than `max_bytes`. It says nothing of
// the upstream's health, since callers can ask for as much, and no other try
// would be shorter.
absl::Status AnswerTooLong(size_t max_bytes);

}  // namespace holysheep
