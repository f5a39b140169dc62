#include "chat/failed_call.h"

#include <utility>

#include "chat/answer.h"

namespace holysheep {
namespace {

// The timer is its only member, so destroying the call cancels the report.
class Failed final : public ChatCall {
 public:
  Failed(EventLoop& loop, ChatObserver& observer, absl::Status error)
      : timer_(loop.RunAfter(absl::ZeroDuration(),
                             [&observer, error = std::move(error)] {
                               observer.OnDone(error);
                             })) {}

 private:
  const std::unique_ptr<Timer> timer_;
};

}  // namespace

std::unique_ptr<ChatCall> FailedCall(EventLoop& loop, ChatObserver& observer,
                                     absl::Status error) {
  return std::make_unique<Failed>(loop, observer, std::move(error));
}

}  // namespace holysheep
