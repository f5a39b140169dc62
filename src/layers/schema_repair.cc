#include "layers/schema_repair.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
namespace {

// The shortest wait for a limit, and the one if it is unknown when it has room.
constexpr absl::Duration kRepairPause = absl::Milliseconds(250);

void AddMessage(pb::Message::Role role, absl::string_view text,
                pb::InvokeRequest& request) {
  if (text.empty()) return;
  pb::Message& message = *request.add_messages();
  message.set_role(role);
  message.add_parts()->set_text(std::string(text));
}

}  // namespace

std::shared_ptr<const pb::InvokeRequest> RepairRequest(
    const pb::InvokeRequest& request, absl::string_view answer,
    absl::string_view complaint) {
  auto repair = std::make_shared<pb::InvokeRequest>(request);
  if (request.messages().empty()) {
    AddMessage(pb::Message::SYSTEM, request.system_prompt(), *repair);
    AddMessage(pb::Message::USER, request.query(), *repair);
    repair->clear_system_prompt();
    repair->clear_query();
  }
  AddMessage(pb::Message::ASSISTANT, answer, *repair);
  AddMessage(
      pb::Message::USER,
      absl::StrCat("That answer does not keep to the JSON Schema. ", complaint,
                   ". Answer again, with JSON that keeps to it and "
                   "nothing else."),
      *repair);
  return repair;
}

std::optional<absl::Duration> WaitForRoom(const absl::Status& refusal,
                                          const ChatRequest& request,
                                          absl::Time now) {
  if (request.priority == Priority::kBatch || request.deadline == nullptr) {
    return std::nullopt;
  }
  const absl::Duration wait = std::max(
      DetailsOf(refusal).retry_after.value_or(kRepairPause), kRepairPause);
  if (now + wait >= request.deadline->at) return std::nullopt;
  return wait;
}

// The reason stays that of the refusal, so that a batch waits and tries again.
absl::Status Unrepaired(const absl::Status& refusal, const FirstAnswer& first) {
  return MakeError(
      ReasonOf(refusal),
      absl::StrCat(refusal.message(),
                   "; the model was to be asked a second time, because its "
                   "answer, which cost ",
                   first.ending.cost.value_or(Cost()).total.ToString(),
                   " USD, does not keep to response_format.schema_json"),
      DetailsOf(refusal));
}

}  // namespace holysheep
