#pragma once

#include <memory>

#include "chat/backend.h"

namespace holysheep {

// Asks the next of `message->fallback_models` when a model cannot serve:
// limited, exhausted or down at the upstream, key refused, circuit open, no
// connection, no first token, an invalid or incomplete answer, model unknown,
// or prompt too long if the next model's context is larger. A fallback model
// that this service's own limits and budgets keep out leads on to the next one,
// too; one that cannot do what is asked is passed over. Not after a delta has
// been passed on, and not for errors of the caller's own. If no model can
// serve, the first error is returned. The answer of another model says so and
// counts all attempts. Tells the layers below whether another model is left
// (ChatRequest::has_another_model). A call whose first model has failed
// elsewhere (first_failure) begins with the next one. On the loop only. The
// table of base/reasons.h says which errors these are.
std::unique_ptr<ChatBackend> FallbackLayer(std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
