#include "upstream/conform.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "chat/settled_call.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "upstream/json_schema.h"
#include "upstream/sum_responses.h"

namespace holysheep {
namespace {

// Models like to wrap JSON for a reader, whatever they are told.
absl::string_view StripFence(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  absl::string_view inner = text;
  if (!absl::ConsumePrefix(&inner, "```") ||
      !absl::ConsumeSuffix(&inner, "```")) {
    return text;
  }
  absl::ConsumePrefix(&inner, "json");
  return absl::StripAsciiWhitespace(inner);
}

void AddMessage(pb::Message::Role role, absl::string_view text,
                pb::InvokeRequest& request) {
  if (text.empty()) return;
  pb::Message& message = *request.add_messages();
  message.set_role(role);
  message.add_parts()->set_text(std::string(text));
}

// The conversation so far, and what is wrong with its last answer.
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

class ConformCall final : public ChatCall, private ChatObserver {
 public:
  ConformCall(ChatBackend& next, const ChatRequest& request,
              std::unique_ptr<JsonSchema> schema, ChatObserver& observer)
      : next_(next),
        request_(request),
        schema_(std::move(schema)),
        observer_(observer),
        child_(next.Start(request, *this)) {}

 private:
  void OnDelta(const pb::InvokeEvent& delta) override;
  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override;

  // Whether the text is meant to be the whole JSON.
  bool IsAnswer(const pb::InvokeResponse& response) const;
  void Repair(pb::InvokeResponse response, const absl::Status& complaint);
  void End(absl::string_view text, pb::InvokeResponse response);

  ChatBackend& next_;
  const ChatRequest request_;
  const std::unique_ptr<JsonSchema> schema_;
  ChatObserver& observer_;
  std::string text_;
  bool called_tools_or_refused_ = false;
  bool repairing_ = false;
  // The first answer's end, while the second is under way.
  pb::InvokeResponse first_;
  std::unique_ptr<ChatCall> child_;
};

void ConformCall::OnDelta(const pb::InvokeEvent& delta) {
  if (delta.has_text()) {
    text_ += delta.text();
    return;
  }
  if (delta.has_tool_call() || delta.has_refusal()) {
    called_tools_or_refused_ = true;
  }
  observer_.OnDelta(delta);
}

void ConformCall::OnDone(absl::StatusOr<pb::InvokeResponse> result) {
  if (!result.ok()) {
    observer_.OnDone(std::move(result));
    return;
  }
  if (!IsAnswer(*result)) {
    End(text_, *std::move(result));
    return;
  }
  const absl::string_view json = StripFence(text_);
  const absl::Status complaint = schema_->Check(json);
  if (complaint.ok()) {
    End(json, *std::move(result));
  } else if (!repairing_) {
    Repair(*std::move(result), complaint);
  } else {
    observer_.OnDone(MakeError(
        Reason::kUpstreamMalformed,
        absl::StrCat("the answer does not keep to response_format.schema_json, "
                     "also after a second try. ",
                     complaint.message())));
  }
}

bool ConformCall::IsAnswer(const pb::InvokeResponse& response) const {
  return !called_tools_or_refused_ &&
         (response.finish_reason() == pb::InvokeResponse::STOP ||
          response.finish_reason() == pb::InvokeResponse::OTHER);
}

void ConformCall::Repair(pb::InvokeResponse response,
                         const absl::Status& complaint) {
  repairing_ = true;
  first_ = std::move(response);
  ChatRequest repair = request_;
  repair.message = RepairRequest(*request_.message, text_, complaint.message());
  text_.clear();
  child_ = next_.Start(repair, *this);
}

void ConformCall::End(absl::string_view text, pb::InvokeResponse response) {
  if (repairing_) {
    AddUseOf(first_, response);
    response.add_warnings(
        "the first answer did not keep to response_format.schema_json, so the "
        "model was asked a second time");
  }
  if (!text.empty()) {
    pb::InvokeEvent delta;
    delta.set_text(std::string(text));
    observer_.OnDelta(delta);
  }
  observer_.OnDone(std::move(response));
}

class ConformBackend final : public ChatBackend {
 public:
  ConformBackend(EventLoop& loop, std::unique_ptr<ChatBackend> next)
      : loop_(loop), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const pb::ResponseFormat& format = request.message->response_format();
    if (format.type() != pb::ResponseFormat::JSON_SCHEMA) {
      return next_->Start(request, observer);
    }
    const ModelInfo* model = request.catalog->Find(request.model);
    if (model == nullptr || model->Can(Capability::kJsonSchema)) {
      return next_->Start(request, observer);
    }
    auto schema = JsonSchema::Compile(format.schema_json());
    if (!schema.ok()) {
      return FailedCall(loop_, observer,
                        InvalidField("response_format.schema_json",
                                     schema.status().message()));
    }
    return std::make_unique<ConformCall>(*next_, request, *std::move(schema),
                                         observer);
  }

 private:
  EventLoop& loop_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> Conform(EventLoop& loop,
                                     std::unique_ptr<ChatBackend> next) {
  return std::make_unique<ConformBackend>(loop, std::move(next));
}

}  // namespace holysheep
