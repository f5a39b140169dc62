#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "chat/cache_options.h"

namespace holysheep {

// A whole answer as the cache keeps it.
struct StoredAnswer {
  // See CacheKey.
  std::shared_ptr<const std::string> material;
  // The model that was asked for, and the namespace; a purge selects by them.
  std::string model;
  std::string cache_namespace;
  // See Transcript::packed.
  std::string transcript;
  // The serialized InvokeResponse that ended the answer, with its cost.
  std::string ending;
  // On the loop's clock. After `expires` it may only replace an error.
  absl::Time stored;
  absl::Time expires;
};

// A store of whole answers, in memory or elsewhere. Thread-safe, except for
// Find.
class AnswerStore {
 public:
  using Found = std::shared_ptr<const StoredAnswer>;
  using OnFound = absl::AnyInvocable<void(Found)>;

  // A running look-up. Destroying it cancels it without a call of `on_found`.
  class Lookup {
   public:
    virtual ~Lookup() = default;
  };

  virtual ~AnswerStore() = default;

  // Returns the answer to exactly this request, fresh or expired, if it is
  // known without waiting; otherwise null. An equal digest with other material
  // finds nothing.
  virtual Found FindNow(const CacheKey& key) = 0;

  // Calls `on_found` once with the answer to exactly this request, fresh or
  // expired, or with null: either before Find returns, which then returns null,
  // or in a later turn of the loop. On the loop only.
  virtual std::unique_ptr<Lookup> Find(const CacheKey& key,
                                       OnFound on_found) = 0;

  // Stores `answer`, replacing an older one, unless a purge has reached it
  // since there were `since` purges, which is when the answer was asked for.
  // FindNow finds it from then on.
  virtual void Put(const CacheKey& key, StoredAnswer answer, int64_t since) = 0;

  // The number of purges so far, for Put and WasPurged.
  virtual int64_t purges() const = 0;
  // Whether a purge has reached the answers of `model` in `cache_namespace`
  // since there were `since` purges. May be true without one if that was long
  // ago.
  virtual bool WasPurged(int64_t since, absl::string_view model,
                         absl::string_view cache_namespace) const = 0;

  // Remove answers, and return how many. What is under way is not stored later:
  // see Put.
  virtual int64_t PurgeAll() = 0;
  virtual int64_t PurgeModel(absl::string_view model) = 0;
  virtual int64_t PurgeNamespace(absl::string_view cache_namespace) = 0;

  // Applies the bounds of `options` and removes what no longer fits.
  virtual void SetBounds(const CacheOptions& options) = 0;

  // The ways to serve a request, counted as soon as they are decided.
  enum class Use { kHit, kMiss, kJoin, kStale };
  virtual void Count(Use use) = 0;

  // The present size, and counts since the start.
  struct Stats {
    int64_t entries = 0;
    int64_t bytes = 0;
    int64_t evictions = 0;
    int64_t hits = 0;
    int64_t misses = 0;
    int64_t joins = 0;
    int64_t stale = 0;
  };
  virtual Stats GetStats() const = 0;
};

}  // namespace holysheep
