#include "layers/cache_layer.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/empty_answer.h"
#include "chat/failed_call.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/flight.h"
#include "layers/lookup.h"
#include "layers/replay.h"

namespace holysheep {
namespace {

using Mode = pb::CacheControl;

// Marks an answer that bypassed the cache.
class BypassingCall final : public ChatCall, ChatObserver {
 public:
  BypassingCall(ChatBackend& next, const ChatRequest& request,
                ChatObserver& observer)
      : observer_(observer), call_(next.Start(request, *this)) {}

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    if (result.ok()) {
      result->response.mutable_cache_info()->set_outcome(
          pb::CacheInfo::BYPASSED);
    }
    observer_.OnDone(std::move(result));
  }

  ChatObserver& observer_;
  const std::unique_ptr<ChatCall> call_;
};

// REFRESH asks the upstream and replaces what is stored.
bool MayRead(Mode::Mode mode) {
  return mode == Mode::DEFAULT || mode == Mode::ONLY_IF_CACHED;
}

// An answer may serve others only if it says something, ended normally, and was
// given by the model that was asked for.
bool IsWorthKeeping(const Transcript& transcript,
                    const pb::InvokeResponse& ending) {
  using Finish = pb::InvokeResponse;
  const auto reason = ending.finish_reason();
  const bool is_empty = SaysNothing(ending) ||
                        (transcript.end() == 0 && ending.opaque_json().empty());
  return !is_empty && !ending.fallback_used() &&
         (reason == Finish::STOP || reason == Finish::LENGTH ||
          reason == Finish::TOOL_CALLS);
}

// A call that joins a flight may get the answer of one of its fallback models.
// Calls with different fallback models therefore do not join.
std::string FlightName(const ChatRequest& request) {
  return absl::StrCat(request.key.digest,
                      absl::StrJoin(request.message->fallback_models(), "\n"));
}

// Removes the members that belong to one call rather than to the answer. Packed
// once here, so that a hit needs no copy of its parts.
std::string PackEnding(Answer answer) {
  pb::InvokeResponse ending = ToResponse(std::move(answer));
  ending.clear_cache_info();
  ending.clear_request_id();
  ending.clear_latency_ms();
  ending.clear_first_token_ms();
  ending.clear_queue_ms();
  ending.clear_upstream_ms();
  ending.clear_attempts();
  return ending.SerializeAsString();
}

// Invariants: `flights_` has at most one live flight for a name, and it is
// removed in the turn in which its answer is stored, so that a later identical
// call finds one of the two. Without fallback models the name is the digest
// alone, and any call with that digest may join; a flight with fallback models
// is joined only by calls that name the same ones.

class Caching final : public ChatBackend {
 public:
  Caching(EventLoop& loop, AnswerStore& store, const CacheOptions& options,
          std::unique_ptr<ChatBackend> next)
      : loop_(loop), store_(store), options_(options), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const auto mode = request.message->cache().mode();
    const bool active =
        options_.enabled && !request.key.digest.empty() && mode != Mode::BYPASS;
    if (!active && mode != Mode::ONLY_IF_CACHED) {
      return std::make_unique<BypassingCall>(*next_, request, observer);
    }
    if (!active || !MayRead(mode)) return GoOn(request, observer, nullptr);
    return lookups_.Find(request.key,
                         [this, request, &observer](AnswerStore::Found stored) {
                           return GoOn(request, observer, std::move(stored));
                         });
  }

 private:
  // Continues with what the store has for `request`, if that may be used.
  std::unique_ptr<ChatCall> GoOn(const ChatRequest& request,
                                 ChatObserver& observer,
                                 AnswerStore::Found stored) {
    if (stored != nullptr && loop_.Now() < stored->expires) {
      store_.Count(AnswerStore::Use::kHit);
      return ReplayCall(loop_, observer, std::move(stored));
    }
    if (request.message->cache().mode() == Mode::ONLY_IF_CACHED) {
      store_.Count(AnswerStore::Use::kMiss);
      return FailedCall(loop_, observer,
                        MakeError(Reason::kCacheMiss,
                                  "no fresh answer is cached for this request, "
                                  "and cache.mode is ONLY_IF_CACHED"));
    }
    Flight::StaleAnswer stale_answer;
    if (stored != nullptr) {
      stale_answer = [this,
                      stored = std::move(stored)](const absl::Status& error) {
        return StaleAnswer(error, stored);
      };
    }
    return FlightFor(request)->Join(*this, request, observer,
                                    std::move(stale_answer));
  }

  std::shared_ptr<Flight> FlightFor(const ChatRequest& request) {
    const std::string name = FlightName(request);
    std::shared_ptr<Flight> flight = UnderWay(request.key.digest);
    if (flight == nullptr) flight = UnderWay(name);
    store_.Count(flight != nullptr ? AnswerStore::Use::kJoin
                                   : AnswerStore::Use::kMiss);
    if (flight != nullptr) return flight;
    flight = StartFlight(
        loop_, *next_, request,
        [this, request, name](const Transcript& transcript,
                              const absl::StatusOr<Answer>* result) {
          // Stored and then closed, in one turn of the loop: there is no
          // instant in which an identical call finds neither.
          if (result != nullptr && result->ok()) {
            Keep(request, transcript, **result);
          }
          flights_.erase(name);
        });
    flights_[name] = flight;
    return flight;
  }

  std::shared_ptr<Flight> UnderWay(const std::string& name) {
    const auto found = flights_.find(name);
    return found == flights_.end() ? nullptr : found->second.lock();
  }

  void Keep(const ChatRequest& request, const Transcript& transcript,
            const Answer& ending) {
    if (!options_.enabled || !IsWorthKeeping(transcript, ending.response))
      return;
    const pb::CacheControl& control = request.message->cache();
    const absl::Duration ttl = control.has_ttl_seconds()
                                   ? absl::Seconds(control.ttl_seconds())
                                   : options_.ttl;
    StoredAnswer answer;
    answer.material = request.key.material;
    answer.model = request.message->model();
    answer.cache_namespace = control.namespace_();
    answer.transcript = std::string(transcript.packed());
    answer.ending = PackEnding(ending);
    answer.stored = loop_.Now();
    answer.expires = answer.stored + ttl;
    store_.Put(request.key, std::move(answer));
  }

  // Returns the expired answer, if it may replace `error`.
  std::shared_ptr<const StoredAnswer> StaleAnswer(
      const absl::Status& error,
      const std::shared_ptr<const StoredAnswer>& stale) {
    if (stale == nullptr || !RowOf(error).stale) return nullptr;
    const absl::Duration age = loop_.Now() - stale->expires;
    if (age > options_.stale_if_error) return nullptr;
    store_.Count(AnswerStore::Use::kStale);
    return stale;
  }

  EventLoop& loop_;
  AnswerStore& store_;
  const CacheOptions& options_;
  LookupTable lookups_{store_};
  // By FlightName. The flights remove themselves when they end.
  absl::flat_hash_map<std::string, std::weak_ptr<Flight>> flights_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> CacheLayer(EventLoop& loop, AnswerStore& store,
                                        const CacheOptions& options,
                                        std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Caching>(loop, store, options, std::move(next));
}

bool AnswerFromStore(AnswerStore& store, const ChatRequest& request,
                     absl::Time now, Answer& answer) {
  if (request.key.digest.empty()) return false;
  if (!MayRead(request.message->cache().mode())) return false;
  const std::shared_ptr<const StoredAnswer> stored = store.FindNow(request.key);
  if (stored == nullptr || now >= stored->expires) return false;
  store.Count(AnswerStore::Use::kHit);
  answer = ReplayedEnding(*stored, pb::CacheInfo::HIT, now);
  FoldTranscript(stored->transcript, answer.response);
  return true;
}

}  // namespace holysheep
