#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "openai/error_words.h"
#include "policy/wire_refusal.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// Returns which of the parameters that the service may send by itself the
// upstream does not take, if its refusal of `request` (400 or 422) says so:
// that the parameter as such is unknown, unsupported or fixed for the model,
// not that its value is out of range, nor that a schema is wrong. Reads
// `param`, the codes and the messages; what these repeat of the request's texts
// says nothing. `words` are those of `body`. If several are named, the first
// one counts. Pure; linear in the size of the words, which are bounded.
std::optional<WireRefusal> RefusedParameter(absl::string_view body,
                                            const ErrorWords& words,
                                            const pb::InvokeRequest& request);

}  // namespace holysheep
