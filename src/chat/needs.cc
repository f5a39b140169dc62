#include "chat/needs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// Collects needs, the first of each capability. A second need of the same
// capability is ignored, so the result is bounded by the number of
// capabilities.
class Collector {
 public:
  void Add(bool needed, const Need& need) {
    const uint32_t bit = uint32_t{1} << static_cast<int>(need.capability);
    if (!needed || (seen_ & bit) != 0) return;
    seen_ |= bit;
    needs_.push_back(need);
  }
  Needs Take() { return std::move(needs_); }

 private:
  uint32_t seen_ = 0;
  Needs needs_;
};

// A conversation with tool calls needs a model that knows tools, even if this
// request offers none.
void CollectMessage(const pb::Message& message, int index, Collector& needs) {
  for (int i = 0; i < message.parts_size(); ++i) {
    const pb::Part& part = message.parts(i);
    needs.Add(part.has_image(), {Capability::kVision, "image", index, i});
    needs.Add(part.has_audio(), {Capability::kAudio, "audio", index, i});
    needs.Add(part.has_video(), {Capability::kVideo, "video", index, i});
    needs.Add(part.has_document(),
              {Capability::kDocument, "document", index, i});
  }
  needs.Add(!message.tool_calls().empty(),
            {Capability::kTools, "tool_calls", index});
  needs.Add(message.role() == pb::Message::TOOL,
            {Capability::kTools, "role", index});
}

// An explicit `enabled: false` outweighs an effort; the effort `none` asks for
// nothing.
bool AsksToThink(const pb::Reasoning& reasoning) {
  if (reasoning.has_enabled()) return reasoning.enabled();
  if (reasoning.effort() == "none") return false;
  return !reasoning.effort().empty() || reasoning.has_budget_tokens();
}

void CollectAdaptable(const pb::InvokeRequest& request, Collector& needs) {
  const auto add = [&needs](bool needed, Capability capability,
                            absl::string_view field) {
    needs.Add(needed, {capability, field, -1, -1, true});
  };
  const auto format = request.response_format().type();
  add(request.parallel_tool_calls(), Capability::kParallelTools,
      "parallel_tool_calls");
  add(format == pb::ResponseFormat::JSON_OBJECT, Capability::kJsonObject,
      "response_format");
  add(format == pb::ResponseFormat::JSON_SCHEMA, Capability::kJsonSchema,
      "response_format");
  add(AsksToThink(request.reasoning()), Capability::kReasoning, "reasoning");
}

}  // namespace

std::string Need::Path() const {
  std::string path;
  if (message >= 0) absl::StrAppend(&path, "messages[", message, "].");
  if (part >= 0) absl::StrAppend(&path, "parts[", part, "].");
  absl::StrAppend(&path, field);
  return path;
}

Needs NeedsOf(const pb::InvokeRequest& request) {
  Collector needs;
  for (int i = 0; i < request.messages_size(); ++i) {
    CollectMessage(request.messages(i), i, needs);
  }
  needs.Add(!request.tools().empty(), {Capability::kTools, "tools"});
  CollectAdaptable(request, needs);
  return needs.Take();
}

uint32_t CapabilitiesOf(const Needs& needs) {
  uint32_t bits = 0;
  for (const Need& need : needs) {
    bits |= uint32_t{1} << static_cast<int>(need.capability);
  }
  return bits;
}

absl::Status CheckNeeds(const pb::InvokeRequest& request,
                        const ModelInfo& model, const Catalog& catalog) {
  for (const Need& need : NeedsOf(request)) {
    if (need.adaptable || model.Can(need.capability)) continue;
    std::vector<absl::string_view> able;
    for (const ModelInfo& other : catalog.models()) {
      if (other.Can(need.capability)) able.push_back(other.id);
    }
    return InvalidField(
        need.Path(),
        absl::StrCat(model.id, " does not support ",
                     CapabilityName(need.capability),
                     able.empty() ? "; no model of the catalog does"
                                  : "; these models do: ",
                     absl::StrJoin(able, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace holysheep
