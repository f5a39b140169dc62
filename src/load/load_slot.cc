#include "load/load_slot.h"

namespace holysheep::load {

// A context serves one call only, so it is made again each time.
void LoadSlot::Start(const pb::InvokeRequest& request, absl::Duration due) {
  // Destroyed before the context that they use.
  unary_.reset();
  reader_.reset();
  context_.emplace();
  shared_.target.prepare(*context_);
  due_ = due;
  first_token_.reset();
  response_.Clear();
  if (shared_.stream) {
    state_ = State::kReading;
    reader_ = shared_.stub.PrepareAsyncInvokeStream(&*context_, request,
                                                    &shared_.queue);
    // From here on the queue's thread may be using the reader.
    reader_->StartCall(this);
  } else {
    state_ = State::kFinishing;
    unary_ = shared_.stub.AsyncInvoke(&*context_, request, &shared_.queue);
    unary_->Finish(&response_, &status_, this);
  }
}

// A read that fails is the end of the stream; only Finish says how it ended.
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

CallEnd LoadSlot::End(absl::Duration now) const {
  return {now, now - due_, first_token_, status_, response_};
}

}  // namespace holysheep::load
