#include "layers/cache/replay.h"

#include <algorithm>
#include <utility>

#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// On a turn of its own, because Start must not call the observer.
class Replaying final : public ChatCall {
 public:
  Replaying(EventLoop& loop, ChatObserver& observer,
            std::shared_ptr<const StoredAnswer> answer)
      : timer_(loop.RunAfter(absl::ZeroDuration(),
                             [&loop, &observer, answer = std::move(answer)] {
                               Replay(*answer, pb::CacheInfo::HIT, loop.Now(),
                                      observer);
                             })) {}

 private:
  const std::unique_ptr<Timer> timer_;
};

}  // namespace

Answer ReplayedEnding(const StoredAnswer& answer, int outcome, absl::Time now) {
  pb::InvokeResponse response;
  response.ParseFromString(answer.ending);
  Answer ending = FromResponse(std::move(response));
  ending.response.set_cached(true);
  pb::CacheInfo& info = *ending.response.mutable_cache_info();
  info.set_outcome(static_cast<pb::CacheInfo::Outcome>(outcome));
  info.set_age_ms(
      std::max<int64_t>(absl::ToInt64Milliseconds(now - answer.stored), 0));
  MakeFree(ending);
  return ending;
}

Answer JoinedEnding(const Answer& answer) {
  Answer joined = answer;
  joined.response.mutable_cache_info()->set_outcome(pb::CacheInfo::JOINED);
  joined.response.set_attempts(0);
  MakeFree(joined);
  return joined;
}

void Replay(const StoredAnswer& answer, int outcome, absl::Time now,
            ChatObserver& observer) {
  Answer ending = ReplayedEnding(answer, outcome, now);
  pb::InvokeEvent started;
  started.mutable_started()->set_model(ending.response.model_used());
  started.mutable_started()->set_cached(true);
  observer.OnDelta(started);
  Transcript(answer.transcript)
      .ReadFrom(0, [&observer](const pb::InvokeEvent& delta) {
        observer.OnDelta(delta);
      });
  observer.OnDone(std::move(ending));
}

std::unique_ptr<ChatCall> ReplayCall(
    EventLoop& loop, ChatObserver& observer,
    std::shared_ptr<const StoredAnswer> answer) {
  return std::make_unique<Replaying>(loop, observer, std::move(answer));
}

}  // namespace holysheep
