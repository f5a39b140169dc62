#include "chat/capabilities.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

struct Need {
  Capability capability;
  // The field's name in Part, and what it holds in words.
  absl::string_view field;
  absl::string_view words;
};

// What a part needs of the model; nothing for text.
std::optional<Need> NeedOf(const pb::Part& part) {
  switch (part.part_case()) {
    case pb::Part::kImage:
      return Need{Capability::kVision, "image", "images"};
    case pb::Part::kAudio:
      return Need{Capability::kAudio, "audio", "audio"};
    case pb::Part::kVideo:
      return Need{Capability::kVideo, "video", "video"};
    case pb::Part::kDocument:
      return Need{Capability::kDocument, "document", "documents"};
    case pb::Part::kText:
    case pb::Part::PART_NOT_SET:
      break;
  }
  return std::nullopt;
}

absl::Status Refuse(absl::string_view field, const Need& need,
                    const ModelInfo& model, const Catalog& catalog) {
  std::vector<absl::string_view> able;
  for (const ModelInfo& other : catalog.models()) {
    if (other.Can(need.capability)) able.push_back(other.id);
  }
  return InvalidField(
      field, absl::StrCat(model.id, " takes no ", need.words,
                          able.empty() ? "; no model of the catalog does"
                                       : "; these models do: ",
                          absl::StrJoin(able, ", ")));
}

absl::Status CheckMessage(const pb::Message& message, absl::string_view path,
                          const ModelInfo& model, const Catalog& catalog) {
  for (int i = 0; i < message.parts_size(); ++i) {
    const std::optional<Need> need = NeedOf(message.parts(i));
    if (!need.has_value() || model.Can(need->capability)) continue;
    return Refuse(absl::StrCat(path, ".parts[", i, "].", need->field), *need,
                  model, catalog);
  }
  if (model.Can(Capability::kTools)) return absl::OkStatus();
  const Need tools{Capability::kTools, "tool_calls", "tools"};
  if (!message.tool_calls().empty()) {
    return Refuse(absl::StrCat(path, ".tool_calls"), tools, model, catalog);
  }
  if (message.role() == pb::Message::TOOL) {
    return Refuse(absl::StrCat(path, ".role"), tools, model, catalog);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCapabilities(const pb::InvokeRequest& request,
                               const ModelInfo& model, const Catalog& catalog) {
  for (int i = 0; i < request.messages_size(); ++i) {
    absl::Status status = CheckMessage(
        request.messages(i), absl::StrCat("messages[", i, "]"), model, catalog);
    if (!status.ok()) return status;
  }
  if (!request.tools().empty() && !model.Can(Capability::kTools)) {
    return Refuse("tools", {Capability::kTools, "tools", "tools"}, model,
                  catalog);
  }
  return absl::OkStatus();
}

}  // namespace holysheep
