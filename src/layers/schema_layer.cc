#include "layers/schema_layer.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errand.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/empty_answer.h"
#include "chat/failed_call.h"
#include "chat/first_answer.h"
#include "chat/sum_responses.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/fitting_value.h"
#include "json/json_schema.h"
#include "layers/quota.h"
#include "layers/schema_repair.h"

namespace holysheep {
namespace {

// Bounds on work that takes the loop less than a millisecond: copying a
// request, and compiling a schema.
constexpr size_t kSmallBytes = 65'536;
constexpr size_t kSmallSchemaBytes = 4096;

// The result of checking an answer.
struct Verdict {
  // A view into the answer.
  FittingValue found;
  // The question to ask again; null if the answer is right or was the second
  // one.
  std::shared_ptr<const pb::InvokeRequest> repair;
};

// `asked` is the question to repeat if the answer is wrong; null if there is
// none.
Verdict VerdictOf(FittingValue found, absl::string_view answer,
                  const std::shared_ptr<const pb::InvokeRequest>& asked) {
  Verdict verdict{std::move(found), nullptr};
  const absl::Status& complaint = verdict.found.complaint;
  if (!complaint.ok() && asked != nullptr) {
    verdict.repair = RepairRequest(*asked, answer, complaint.message());
  }
  return verdict;
}

using SharedSchema = std::shared_ptr<const JsonSchema>;

// Shared with the worker, which may outlive the call.
absl::StatusOr<SharedSchema> Compile(const ChatRequest& request) {
  auto schema =
      JsonSchema::Compile(request.message->response_format().schema_json());
  if (schema.ok()) return SharedSchema(*std::move(schema));
  return InvalidField("response_format.schema_json", schema.status().message());
}

// Invariants: the text of an answer that may be JSON is passed on only by End,
// once and whole; reasoning passes at once, and so does everything once the
// model calls a tool or refuses. One thing runs at a time: compiling, a
// question, or a check. `first_` is set once a first answer has failed; there
// is no third question; while the second one has no room, it is asked again
// until the deadline. While a check runs, `text_` is shared with the worker and
// does not change.

class ConformCall final : public ChatCall, private ChatObserver {
 public:
  ConformCall(EventLoop& loop, Worker& worker, ChatBackend& next,
              const ChatRequest& request, ChatObserver& observer)
      : loop_(loop),
        worker_(worker),
        next_(next),
        request_(request),
        observer_(observer) {}

  void Start(SharedSchema schema) {
    schema_ = std::move(schema);
    if (!GoesOn()) child_ = next_.Start(request_, *this);
  }
  // Compiles the schema on the worker first.
  void StartLater();

 private:
  void OnDelta(const pb::InvokeEvent& delta) override;
  void OnDone(absl::StatusOr<Answer> result) override;

  // Whether the call continues with an answer that awaits its repair.
  bool GoesOn();
  // Whether the text is meant to be the whole JSON.
  bool IsAnswer(const pb::InvokeResponse& response) const;
  // Checks the text, on the worker if that may take long.
  void Check();
  void Decide(const Verdict& verdict);
  void AskForRepair();
  void Fail(const absl::Status& error);
  void TellReasoning();
  void TellText(absl::string_view text);
  void End(absl::string_view text, Answer answer);

  EventLoop& loop_;
  Worker& worker_;
  ChatBackend& next_;
  const ChatRequest request_;
  SharedSchema schema_;
  ChatObserver& observer_;
  // Shared with a running check, during which nothing is appended.
  std::shared_ptr<std::string> text_ = std::make_shared<std::string>();
  std::string reasoning_;
  bool called_tools_or_refused_ = false;
  // The end of the answer that is being checked, and the first answer while the
  // second one runs.
  Answer ended_;
  std::shared_ptr<const FirstAnswer> first_;
  // The reasoning of a first answer that an earlier call has received.
  std::string untold_;
  std::optional<Errand<absl::StatusOr<SharedSchema>>> compiling_;
  std::optional<Errand<Verdict>> checking_;
  // Before a repair that a limit has turned away is asked for again.
  std::unique_ptr<Timer> waiting_;
  std::unique_ptr<ChatCall> child_;
};

void ConformCall::OnDelta(const pb::InvokeEvent& delta) {
  if (delta.has_tool_call() || delta.has_refusal()) {
    called_tools_or_refused_ = true;
    TellReasoning();
    TellText(std::exchange(*text_, {}));
  }
  if (delta.has_text() && !called_tools_or_refused_) {
    *text_ += delta.text();
    return;
  }
  if (first_ == nullptr) reasoning_ += delta.reasoning();
  TellReasoning();
  observer_.OnDelta(delta);
}

void ConformCall::OnDone(absl::StatusOr<Answer> result) {
  if (!result.ok()) return Fail(result.status());
  if (!IsAnswer(result->response)) {
    End(*text_, *std::move(result));
    return;
  }
  ended_ = *std::move(result);
  Check();
}

void ConformCall::Check() {
  const auto asked = first_ != nullptr ? nullptr : request_.message;
  const bool small = asked == nullptr || asked->ByteSizeLong() < kSmallBytes;
  const auto quick = small ? FindFittingValueQuickly(*schema_, *text_)
                           : std::optional<FittingValue>();
  if (quick.has_value()) return Decide(VerdictOf(*quick, *text_, asked));
  checking_.emplace(
      worker_, loop_,
      [schema = schema_, text = text_, asked] {
        return VerdictOf(FindFittingValue(*schema, *text), *text, asked);
      },
      [this](const Verdict& verdict) { Decide(verdict); });
}

void ConformCall::Decide(const Verdict& verdict) {
  const absl::Status& complaint = verdict.found.complaint;
  if (complaint.ok()) {
    End(verdict.found.json, std::move(ended_));
  } else if (verdict.repair != nullptr) {
    first_ = std::make_shared<const FirstAnswer>(
        FirstAnswer{request_.model(), std::exchange(reasoning_, {}),
                    verdict.repair, std::move(ended_)});
    AskForRepair();
  } else {
    observer_.OnDone(MakeError(
        Reason::kUpstreamMalformed,
        absl::StrCat("the answer does not keep to response_format.schema_json, "
                     "also after a second try. ",
                     complaint.message())));
  }
}

bool ConformCall::IsAnswer(const pb::InvokeResponse& response) const {
  if (called_tools_or_refused_) return false;
  // A second answer that is empty repairs nothing.
  if (SaysNothing(response)) return first_ != nullptr;
  const auto reason = response.finish_reason();
  return reason != pb::InvokeResponse::LENGTH &&
         reason != pb::InvokeResponse::TOOL_CALLS &&
         reason != pb::InvokeResponse::CONTENT_FILTER;
}

bool ConformCall::GoesOn() {
  const Unfinished* const unfinished = request_.unfinished.get();
  if (unfinished == nullptr || unfinished->first == nullptr ||
      unfinished->first->model != request_.model()) {
    return false;
  }
  first_ = unfinished->first;
  untold_ = first_->reasoning;
  AskForRepair();
  return true;
}

void ConformCall::Fail(const absl::Status& error) {
  if (first_ == nullptr || !IsOwnRefusal(error)) return observer_.OnDone(error);
  if (request_.unfinished != nullptr) request_.unfinished->first = first_;
  const auto wait = WaitForRoom(error, request_, loop_.Now());
  if (!wait.has_value()) return observer_.OnDone(Unrepaired(error, *first_));
  child_.reset();
  waiting_ = loop_.RunAfter(*wait, [this] { AskForRepair(); });
}

// A caller who comes with a first answer that another call has paid for has not
// heard its reasoning yet.
void ConformCall::TellReasoning() {
  if (untold_.empty()) return;
  pb::InvokeEvent delta;
  delta.set_reasoning(std::exchange(untold_, {}));
  observer_.OnDelta(delta);
}

void ConformCall::AskForRepair() {
  ChatRequest repair = request_;
  repair.message = first_->repair;
  text_ = std::make_shared<std::string>();
  child_ = next_.Start(repair, *this);
}

void ConformCall::End(absl::string_view text, Answer answer) {
  TellReasoning();
  if (first_ != nullptr) {
    AddUseOf(first_->ending, answer);
    answer.response.add_warnings(
        "the first answer did not keep to response_format.schema_json, so the "
        "model was asked a second time");
  }
  TellText(text);
  observer_.OnDone(std::move(answer));
}

void ConformCall::TellText(absl::string_view text) {
  if (text.empty()) return;
  pb::InvokeEvent delta;
  delta.set_text(std::string(text));
  observer_.OnDelta(delta);
}

void ConformCall::StartLater() {
  compiling_.emplace(
      worker_, loop_, [request = request_] { return Compile(request); },
      [this](absl::StatusOr<SharedSchema> schema) {
        if (!schema.ok()) return observer_.OnDone(schema.status());
        Start(*std::move(schema));
      });
}

class ConformBackend final : public ChatBackend {
 public:
  ConformBackend(EventLoop& loop, Worker& worker,
                 std::unique_ptr<ChatBackend> next)
      : loop_(loop), worker_(worker), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const pb::ResponseFormat& format = request.message->response_format();
    if (format.type() != pb::ResponseFormat::JSON_SCHEMA) {
      return next_->Start(request, observer);
    }
    auto call = std::make_unique<ConformCall>(loop_, worker_, *next_, request,
                                              observer);
    if (format.schema_json().size() > kSmallSchemaBytes) {
      call->StartLater();
      return call;
    }
    auto schema = Compile(request);
    if (!schema.ok()) return FailedCall(loop_, observer, schema.status());
    call->Start(*std::move(schema));
    return call;
  }

 private:
  EventLoop& loop_;
  Worker& worker_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> SchemaLayer(EventLoop& loop, Worker& worker,
                                         std::unique_ptr<ChatBackend> next) {
  return std::make_unique<ConformBackend>(loop, worker, std::move(next));
}

}  // namespace holysheep
