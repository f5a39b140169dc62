#include "chat/call_stats.h"

#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

void CallStats::Record(const CallRecord& call) {
  ++calls_;
  if (call.response == nullptr) {
    ++errors_;
    if (ReasonOf(call.status) == Reason::kCacheMiss) ++misses_;
    return;
  }
  switch (call.response->cache_info().outcome()) {
    case pb::CacheInfo::HIT:
      ++hits_;
      return;
    case pb::CacheInfo::MISS:
      ++misses_;
      return;
    case pb::CacheInfo::JOINED:
      ++joins_;
      return;
    case pb::CacheInfo::STALE:
      ++stale_;
      return;
    default:
      return;
  }
}

CallStats::Counts CallStats::Read() const {
  return {calls_, errors_, hits_, misses_, joins_, stale_};
}

}  // namespace holysheep
