#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "base/errors.h"
#include "base/event_loop.h"
#include "http/native/channel.h"
#include "http/native/target.h"
#include "http/response_head.h"
#include "http/transport.h"

namespace holysheep::native {

class Call;
class Connection;
class Opening;

// Is notified of the end of calls.
class CallOwner {
 public:
  // The call has ended, and its observer will hear of it next.
  virtual void OnEnded(Call& call) = 0;
  // Its transfer is destroyed before its end.
  virtual void OnDestroyed(Call& call) = 0;

 protected:
  ~CallOwner() = default;
};

// One request and what has become of it; also the transfer that the sender
// holds. On the loop only. Translates what happens to a connection into the
// errors of HttpObserver.
class Call final : public HttpTransfer {
 public:
  // `owner` and `observer` must outlive the object.
  Call(CallOwner& owner, std::shared_ptr<const Target> target,
       HttpRequest request, HttpObserver& observer)
      : owner_(owner),
        target_(std::move(target)),
        request_(std::move(request)),
        observer_(&observer) {}
  ~Call() override {
    if (observer_ != nullptr) owner_.OnDestroyed(*this);
  }

  const HttpRequest& request() const { return request_; }
  // Null if the URL cannot be read.
  const std::shared_ptr<const Target>& target() const { return target_; }

  bool is_waiting() const override { return waiting.has_value(); }
  // The wait for a connection is over.
  void OnTurn() { observer_->OnTurn(); }
  // The request is on its way, over a connection that has carried others
  // before if `reused`.
  void OnSent(absl::Time now, bool reused) {
    sent_ = now;
    reused_ = reused;
  }
  // A byte of an answer has arrived.
  void OnByte() { answered_ = true; }
  // The final response's head is complete.
  void OnHead(int status, const ResponseHead::Headers& headers) {
    has_head_ = true;
    observer_->OnHeaders(status, headers);
  }
  absl::Status OnBody(absl::string_view data) {
    return observer_->OnBody(data);
  }

  // The functions that end the call. It may be destroyed when they return.
  void End(absl::Status status);
  void EndWith(Reason reason, absl::string_view message,
               const ErrorDetails& details = {});
  // No connection came about.
  void EndUnconnected(absl::string_view message, absl::string_view advice);
  // The connection ended, or the response did so early. `unread` means that
  // the peer has said that it has not processed the request.
  void EndLost(absl::string_view message, bool unread = false);
  // The bytes that have arrived are not HTTP.
  void EndMalformed(absl::string_view message);

  // When the request was sent, if no byte of an answer has arrived since.
  std::optional<absl::Time> unanswered_since() const {
    return answered_ ? std::nullopt : sent_;
  }

  // Where the call is, kept by the pool: at most one of these is set.
  std::optional<std::list<Call*>::iterator> waiting;
  Opening* opening = nullptr;
  Connection* connection = nullptr;
  // The number of its stream, on a connection of HTTP/2.
  int32_t stream = 0;
  // The time limit for its connection.
  std::unique_ptr<Timer> timer;
  // See ErrorDetails::event.
  int64_t event = 0;

 private:
  CallOwner& owner_;
  const std::shared_ptr<const Target> target_;
  const HttpRequest request_;
  HttpObserver* observer_;  // Null once ended.
  std::optional<absl::Time> sent_;
  bool reused_ = false;
  bool answered_ = false;
  bool has_head_ = false;
};

}  // namespace holysheep::native
