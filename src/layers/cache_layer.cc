#include "layers/cache_layer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/errors.h"
#include "chat/answer.h"
#include "chat/empty_answer.h"
#include "chat/failed_call.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/cache/flight.h"
#include "layers/cache/flight_table.h"
#include "layers/cache/lookup.h"
#include "layers/cache/own_call.h"
#include "layers/cache/replay.h"

namespace holysheep {
namespace {

using Mode = pb::CacheControl;

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

// Invariants: a flight is closed in the turn in which its answer is stored, so
// that a later identical call finds one of the two. What a purge has reached,
// or a REFRESH has left behind, is neither joined nor stored.

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
      return StartOwnCall(*next_, request, observer, pb::CacheInfo::BYPASSED);
    }
    if (!active || !MayRead(mode)) return GoOn(request, observer, {});
    return lookups_.Find(
        request.key, [this, request, &observer](LookupTable::Result stored) {
          return GoOn(request, observer, std::move(stored));
        });
  }

 private:
  // Continues with what the store has for `request`, if that may be used.
  std::unique_ptr<ChatCall> GoOn(const ChatRequest& request,
                                 ChatObserver& observer,
                                 LookupTable::Result stored) {
    if (stored.found != nullptr && loop_.Now() < stored.found->expires) {
      store_.Count(AnswerStore::Use::kHit);
      return ReplayCall(loop_, observer, std::move(stored.found));
    }
    if (request.message->cache().mode() == Mode::ONLY_IF_CACHED) {
      store_.Count(AnswerStore::Use::kMiss);
      return FailedCall(loop_, observer,
                        MakeError(Reason::kCacheMiss,
                                  "no fresh answer is cached for this request, "
                                  "and cache.mode is ONLY_IF_CACHED"));
    }
    Flight::StaleAnswer stale_answer;
    if (stored.found != nullptr) {
      stale_answer = [this,
                      stored = std::move(stored)](const absl::Status& error) {
        return StaleAnswer(error, stored);
      };
    }
    return FlightFor(request)->Join(*this, request, observer,
                                    std::move(stale_answer));
  }

  std::shared_ptr<Flight> FlightFor(const ChatRequest& request) {
    std::shared_ptr<Flight> flight = flights_.Find(request);
    store_.Count(flight != nullptr ? AnswerStore::Use::kJoin
                                   : AnswerStore::Use::kMiss);
    if (flight != nullptr) return flight;
    const auto entry = flights_.Open(request);
    flight = StartFlight(
        loop_, *next_, request,
        [this, request, entry](const Transcript& transcript,
                               const absl::StatusOr<Answer>* result) {
          // Stored and then closed, in one turn of the loop: there is no
          // instant in which an identical call finds neither.
          if (result != nullptr && result->ok() && !entry->is_outdated) {
            Keep(request, *entry, transcript, **result);
          }
          flights_.Close(request, *entry);
        });
    entry->flight = flight;
    return flight;
  }

  void Keep(const ChatRequest& request, const FlightTable::Entry& entry,
            const Transcript& transcript, const Answer& ending) {
    if (!options_.enabled || !IsWorthKeeping(transcript, ending.response))
      return;
    const absl::Duration ttl =
        entry.ttl_unset ? std::max(entry.ttl, options_.ttl) : entry.ttl;
    StoredAnswer answer;
    answer.material = request.key.material;
    answer.model = request.message->model();
    answer.cache_namespace = request.message->cache().namespace_();
    answer.transcript = std::string(transcript.packed());
    answer.ending = PackEnding(ending);
    answer.stored = loop_.Now();
    answer.expires = answer.stored + ttl;
    store_.Put(request.key, std::move(answer), entry.purges);
  }

  // Returns the expired answer, if it may replace `error` and has not been
  // purged since it was found.
  AnswerStore::Found StaleAnswer(const absl::Status& error,
                                 const LookupTable::Result& stale) {
    if (!RowOf(error).stale) return nullptr;
    const StoredAnswer& answer = *stale.found;
    if (store_.WasPurged(stale.purges, answer.model, answer.cache_namespace)) {
      return nullptr;
    }
    const absl::Duration age = loop_.Now() - answer.expires;
    if (age > options_.stale_if_error) return nullptr;
    store_.Count(AnswerStore::Use::kStale);
    return stale.found;
  }

  EventLoop& loop_;
  AnswerStore& store_;
  const CacheOptions& options_;
  LookupTable lookups_{store_};
  FlightTable flights_{store_};
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
