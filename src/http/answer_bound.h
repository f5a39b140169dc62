#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace holysheep {

// UPSTREAM_MALFORMED for an answer of more than `max_bytes`. Marked as the
// caller's bound and as lasting: callers can ask for long answers, so the error
// says nothing about the upstream's health, and another attempt would be as
// long. Used by every reader that bounds an answer: decoder, SSE parser and the
// codec.
absl::Status AnswerTooLong(size_t max_bytes);

}  // namespace holysheep
