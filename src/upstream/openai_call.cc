#include "upstream/openai_call.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/utf8.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/http_errors.h"
#include "openai/late_error.h"
#include "upstream/progress_timer.h"

namespace holysheep {
namespace {

// As much of a refusal's body as is read; the rest is let pass.
constexpr size_t kMaxErrorBody = 65'536;
constexpr size_t kMaxIdBytes = 128;
// An answer that has a finish reason waits as long for what may follow, its
// token count for one; whatever the caller's patience, since a shorter wait
// would take half an answer for a whole one.
constexpr absl::Duration kFinishGrace = absl::Seconds(5);
// One that is over waits for the connection to become reusable.
constexpr absl::Duration kWaitForClose = absl::Milliseconds(250);

class OpenAiCall final : public ChatCall, private HttpObserver {
 public:
  OpenAiCall(EventLoop& loop, HttpTransport& transport, absl::BitGenRef random,
             OpenAiAttempt attempt, ChatObserver& observer)
      : loop_(loop),
        observer_(observer),
        asked_(loop.Now()),
        first_token_timeout_(attempt.first_token_timeout),
        idle_timeout_(attempt.idle_timeout),
        patience_(std::move(attempt.patience)),
        key_(attempt.reader.key),
        message_(std::move(attempt.message)),
        stats_(std::move(attempt.stats)),
        warnings_(std::move(attempt.warnings)),
        reader_(NewAnswerReader(std::move(attempt.reader), random)),
        timer_(loop, [this] { OnDeadline(); }),
        transfer_(transport.Send(std::move(attempt.http), *this)) {
    if (!transfer_->is_waiting()) OnTurn();
  }
  ~OpenAiCall() override { TellAnswered(); }

 private:
  enum class Phase { kWaiting, kAnswering, kFinished, kResumed, kOver };

  // The time until then counts as waiting in a queue, not as the upstream's.
  void OnTurn() override {
    started_ = loop_.Now();
    if (stats_ != nullptr) stats_->queued += started_ - asked_;
    TellAsked();
    timer_.SetDeadline(Due());
  }
  void OnHeaders(int status, const HttpHeaders& headers) override {
    http_status_ = status;
    headers_ = headers;
  }
  absl::Status OnBody(absl::string_view data) override;
  void OnDone(absl::Status status) override;

  bool refused() const { return http_status_ < 200 || http_status_ > 299; }
  void KeepErrorBody(absl::string_view data);
  // By what the reader has read and phase_.
  Phase PhaseNow() const;
  // How long the upstream may be silent in `phase`.
  absl::Duration PatienceIn(Phase phase) const;
  // Until when it may be silent now. Patience may rise while it is.
  absl::Time Due() const;
  // In the statistics, that a first piece is waited for, and no longer.
  void TellAsked();
  void TellAnswered();
  void EnterPhase(bool progressed);
  void OnDeadline();
  // The answer, or why there is none; `status` is how the transfer ended.
  absl::StatusOr<Answer> Outcome(const absl::Status& status);
  void Complete(pb::InvokeResponse& response) const;

  EventLoop& loop_;
  ChatObserver& observer_;
  const absl::Time asked_;
  // When the connection was there, or was begun to be made.
  absl::Time started_ = absl::InfiniteFuture();
  // When the answer last went on, once it has begun.
  absl::Time heard_ = absl::InfiniteFuture();
  const absl::Duration first_token_timeout_;
  const absl::Duration idle_timeout_;
  const std::shared_ptr<const Patience> patience_;
  const std::string key_;
  const std::shared_ptr<const pb::InvokeRequest> message_;
  // Null if nobody counts.
  const std::shared_ptr<AttemptStats> stats_;
  const std::vector<std::string> warnings_;
  int http_status_ = 0;
  HttpHeaders headers_;
  std::string error_body_;
  Phase phase_ = Phase::kWaiting;
  // Whether the statistics say that this attempt waits for its first piece.
  bool is_asked_ = false;
  const std::unique_ptr<AnswerReader> reader_;
  ProgressTimer timer_;
  std::unique_ptr<HttpTransfer> transfer_;
};

absl::Status OpenAiCall::OnBody(absl::string_view data) {
  if (refused()) {
    KeepErrorBody(data);
    return absl::OkStatus();
  }
  // Not all that the reader has read is passed on at once.
  const size_t said = reader_->said();
  absl::Status status = reader_->Feed(
      data, [this](const pb::InvokeEvent& delta) { observer_.OnDelta(delta); });
  if (status.ok()) EnterPhase(reader_->said() > said);
  return status;
}

void OpenAiCall::KeepErrorBody(absl::string_view data) {
  data = data.substr(0, kMaxErrorBody - error_body_.size());
  error_body_.append(data.data(), data.size());
}

OpenAiCall::Phase OpenAiCall::PhaseNow() const {
  switch (reader_->state()) {
    case AnswerReader::State::kDone:
      return Phase::kOver;
    case AnswerReader::State::kFinished:
      return Phase::kFinished;
    case AnswerReader::State::kResumed:
      return Phase::kResumed;
    case AnswerReader::State::kOpen:
      break;
  }
  return phase_ == Phase::kWaiting ? Phase::kWaiting : Phase::kAnswering;
}

absl::Duration OpenAiCall::PatienceIn(Phase phase) const {
  if (phase == Phase::kOver) return kWaitForClose;
  if (phase == Phase::kFinished) return kFinishGrace;
  if (phase == Phase::kWaiting)
    return std::min(first_token_timeout_, patience_->first_token);
  const absl::Duration idle = std::min(idle_timeout_, patience_->idle);
  return phase == Phase::kResumed ? std::min(idle, kFinishGrace) : idle;
}

absl::Time OpenAiCall::Due() const {
  return (phase_ == Phase::kWaiting ? started_ : heard_) + PatienceIn(phase_);
}

void OpenAiCall::TellAsked() {
  if (stats_ == nullptr || first_token_timeout_ == absl::InfiniteDuration())
    return;
  is_asked_ = true;
  stats_->asked = started_;
  if (stats_->on_asked != nullptr) stats_->on_asked();
}

// Once, since another attempt may have been asked by then.
void OpenAiCall::TellAnswered() {
  if (!std::exchange(is_asked_, false)) return;
  stats_->asked = absl::InfiniteFuture();
  if (stats_->on_asked != nullptr) stats_->on_asked();
}

void OpenAiCall::EnterPhase(bool progressed) {
  if (progressed && phase_ == Phase::kWaiting) phase_ = Phase::kAnswering;
  const Phase phase = PhaseNow();
  // Heartbeats and the like prolong nothing.
  if (phase == phase_ && !progressed) return;
  if (phase == Phase::kWaiting) return;
  if (phase == Phase::kOver && phase_ == Phase::kOver) return;
  phase_ = phase;
  heard_ = loop_.Now();
  TellAnswered();
  timer_.SetDeadline(Due());
}

void OpenAiCall::OnDone(absl::Status status) {
  // The call may live on for a while, but has nothing more to say.
  timer_.SetDeadline(absl::InfiniteFuture());
  TellAnswered();
  observer_.OnDone(Outcome(status));
}

void OpenAiCall::OnDeadline() {
  if (loop_.Now() < Due()) return timer_.SetDeadline(Due());
  TellAnswered();
  transfer_.reset();
  // A finish reason and then silence is an end, also where nothing was said.
  const bool whole =
      phase_ == Phase::kFinished || phase_ == Phase::kOver ||
      (phase_ == Phase::kWaiting && reader_->has_finish_reason());
  if (whole || (http_status_ != 0 && refused())) {
    observer_.OnDone(Outcome(absl::OkStatus()));
  } else if (phase_ == Phase::kResumed &&
             kFinishGrace < std::min(idle_timeout_, patience_->idle)) {
    observer_.OnDone(MakeError(
        Reason::kStreamTruncated,
        "the upstream went on after its finish reason, and then fell silent"));
  } else if (phase_ == Phase::kWaiting) {
    observer_.OnDone(Late(Reason::kFirstTokenTimeout,
                          patience_->first_token < first_token_timeout_,
                          "the upstream did not begin its answer in time"));
  } else {
    observer_.OnDone(Late(Reason::kIdleTimeout, patience_->idle < idle_timeout_,
                          "the upstream stopped in its answer"));
  }
}

absl::StatusOr<Answer> OpenAiCall::Outcome(const absl::Status& status) {
  if (http_status_ == 0 && !status.ok()) return status;
  if (refused()) {
    return StatusFromHttp({http_status_, headers_, error_body_, loop_.Now(),
                           key_, message_.get()});
  }
  // A connection that breaks after the answer has cost nothing of it.
  const AnswerReader::State state = reader_->state();
  const bool is_whole = state == AnswerReader::State::kFinished ||
                        state == AnswerReader::State::kDone;
  const bool broke_late =
      is_whole && !status.ok() && ReasonOf(status) == Reason::kStreamTruncated;
  if (!status.ok() && !broke_late) return status;
  auto response = reader_->Finish(
      [this](const pb::InvokeEvent& delta) { observer_.OnDelta(delta); });
  if (!response.ok()) return response.status();
  Complete(*response);
  return Answer{*std::move(response), std::nullopt};
}

void OpenAiCall::Complete(pb::InvokeResponse& response) const {
  response.set_upstream_ms(absl::ToDoubleMilliseconds(loop_.Now() - started_));
  response.set_queue_ms(absl::ToDoubleMilliseconds(started_ - asked_));
  for (const absl::string_view name : {"x-request-id", "request-id"}) {
    const absl::string_view id = HeaderValue(headers_, name);
    if (id.empty()) continue;
    response.set_upstream_request_id(BoundedUtf8(id, kMaxIdBytes));
    break;
  }
  response.mutable_warnings()->Add(warnings_.begin(), warnings_.end());
}

}  // namespace

std::unique_ptr<ChatCall> StartOpenAiCall(EventLoop& loop,
                                          HttpTransport& transport,
                                          absl::BitGenRef random,
                                          OpenAiAttempt attempt,
                                          ChatObserver& observer) {
  return std::make_unique<OpenAiCall>(loop, transport, random,
                                      std::move(attempt), observer);
}

}  // namespace holysheep
