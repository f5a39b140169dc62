#include "http/native/call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "http/peer_error.h"

namespace holysheep::native {

void Call::End(absl::Status status) {
  HttpObserver& observer = *std::exchange(observer_, nullptr);
  timer.reset();
  owner_.OnEnded(*this);
  observer.OnDone(std::move(status));
}

void Call::EndWith(Reason reason, absl::string_view message,
                   const ErrorDetails& details) {
  ErrorDetails all = details;
  all.event = event;
  End(PeerError(request_.url, reason, message, all));
}

void Call::EndUnconnected(absl::string_view message, absl::string_view advice) {
  ErrorDetails details;
  details.lasting = !advice.empty();
  EndWith(Reason::kUpstreamConnect, absl::StrCat(message, advice), details);
}

void Call::EndLost(absl::string_view message, bool unread) {
  if (has_head_) return EndWith(Reason::kStreamTruncated, message);
  ErrorDetails details;
  details.unanswered =
      !request_.fresh_connection && (unread || (reused_ && !answered_));
  EndWith(Reason::kUpstreamConnect, message, details);
}

void Call::EndMalformed(absl::string_view message) {
  EndWith(has_head_ ? Reason::kStreamTruncated : Reason::kUpstreamMalformed,
          absl::StrCat("the answer is not HTTP as agreed: ", message));
}

}  // namespace holysheep::native
