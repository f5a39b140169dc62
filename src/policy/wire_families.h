#pragma once

#include "absl/strings/string_view.h"
#include "policy/model_wire.h"

namespace holysheep {

// Returns what models of a known family take, by the model's id: `gpt-5`,
// `openai/gpt-5-mini-2025-08-07`, `Qwen/Qwen3-32B` and
// `us.anthropic.claude-sonnet-4-5-20250929-v1:0` are recognized alike, in any
// case. For any other model the defaults of ModelWire. docs/models.md describes
// the families. Pure; takes time linear in the id and in the number of
// families.
ModelWire WireOf(absl::string_view model_id);

}  // namespace holysheep
