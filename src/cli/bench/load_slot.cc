#include "cli/bench/load_slot.h"

#include <string>

#include "absl/time/clock.h"
#include "cli/client/call_error.h"
#include "cli/client/channel.h"

namespace holysheep::cli {
namespace {

std::string FailureOf(const grpc::Status& status) {
  if (status.ok()) return {};
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const CallError error = CallErrorOf(
      MakeCallStatus(code, status.error_message(), status.error_details()));
  return error.reason.empty() ? absl::StatusCodeToString(code) : error.reason;
}

}  // namespace

void LoadSlot::Start(const pb::InvokeRequest& request, absl::Duration due) {
  // Destroyed before the context that they use.
  unary_.reset();
  reader_.reset();
  context_.emplace();
  AddCredentials(target_.settings, *context_);
  if (target_.settings.timeout.has_value()) {
    context_->set_deadline(
        absl::ToChronoTime(absl::Now() + *target_.settings.timeout));
  }
  due_ = due;
  first_token_.reset();
  response_.Clear();
  if (target_.stream) {
    state_ = State::kReading;
    reader_ = target_.stub.PrepareAsyncInvokeStream(&*context_, request,
                                                    &target_.queue);
    // From here on the queue's thread may use the reader.
    reader_->StartCall(this);
  } else {
    state_ = State::kFinishing;
    unary_ = target_.stub.AsyncInvoke(&*context_, request, &target_.queue);
    unary_->Finish(&response_, &status_, this);
  }
}

bool LoadSlot::Advance(bool ok, absl::Duration now) {
  if (state_ == State::kFinishing) return true;
  if (event_.has_text() && !first_token_.has_value()) first_token_ = now - due_;
  if (event_.has_final()) response_.Swap(event_.mutable_final());
  event_.Clear();
  if (ok) {
    reader_->Read(&event_, this);
  } else {
    state_ = State::kFinishing;
    reader_->Finish(&status_, this);
  }
  return false;
}

CallSample LoadSlot::Sample(absl::Duration now) const {
  CallSample sample;
  sample.ended = now;
  sample.latency = now - due_;
  sample.first_token = first_token_;
  sample.failure = FailureOf(status_);
  sample.tokens = response_.tokens_used();
  sample.cached = response_.cached();
  sample.joined = response_.cache_info().outcome() == pb::CacheInfo::JOINED;
  return sample;
}

}  // namespace holysheep::cli
