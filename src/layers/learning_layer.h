#pragma once

#include <memory>

#include "chat/backend.h"
#include "policy/learned_wire.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Repeats an attempt that the upstream has refused because of a parameter which
// the caller did not set (ErrorDetails::refused), at once and without it; up to
// kMaxCorrections times a call, each time for another parameter, and never
// after a delta. Sends each attempt as `learned` knows the model
// (ChatRequest::learned_wire). What was refused is remembered once an attempt
// without it is answered, since only then was it the cause, and the answer has
// a warning. What the caller set stays refused, but for the form in which a
// schema is asked for: the service checks the answer itself.
//
// Belongs below Retry, so that a correction takes nothing of the retry budget,
// and above Breaker and Admission, so that each is an attempt like any other.
// The arguments must outlive the layer. On the loop only.
inline constexpr int kMaxCorrections = 4;
std::unique_ptr<ChatBackend> LearningLayer(LearnedWire& learned,
                                           const OpenAiOptions& options,
                                           std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
