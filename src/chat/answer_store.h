#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

struct CacheOptions {
  bool enabled = true;
  // Bounds of the whole cache; the bytes include keys and bookkeeping.
  size_t max_entries = 1000;
  size_t max_bytes = 64 << 20;
  // How long an answer is fresh.
  absl::Duration ttl = absl::Seconds(300);
  // How long beyond that it may still answer when the upstream is down.
  absl::Duration stale_if_error;
};

// A whole answer as the cache keeps it.
struct StoredAnswer {
  std::shared_ptr<const std::string> material;
  std::string model;
  std::string cache_namespace;
  // See Transcript::packed.
  std::string transcript;
  // The InvokeResponse that ended it, serialised.
  std::string ending;
  absl::Time stored;
  absl::Time expires;
};

// Where whole answers are kept, in memory or elsewhere. Thread-safe, except
// for Find.
class AnswerStore {
 public:
  using Found = std::shared_ptr<const StoredAnswer>;
  using OnFound = absl::AnyInvocable<void(Found)>;

  // A look-up under way. Destroying it cancels it silently.
  class Lookup {
   public:
    virtual ~Lookup() = default;
  };

  virtual ~AnswerStore() = default;

  // The answer to exactly this request, fresh or expired, if it is known
  // without waiting; otherwise null. An equal digest with other key material
  // finds nothing.
  virtual Found FindNow(const CacheKey& key) = 0;

  // Calls `on_found` once with the answer to exactly this request, fresh or
  // expired, or with null: either before Find returns, which is then null, or
  // in a later turn of the loop. Loop thread only.
  virtual std::unique_ptr<Lookup> Find(const CacheKey& key,
                                       OnFound on_found) = 0;

  // Keeps `answer`, in place of an older one. FindNow finds it from then on.
  virtual void Put(const CacheKey& key, StoredAnswer answer) = 0;

  // Each returns how many answers it removed.
  virtual int64_t PurgeAll() = 0;
  virtual int64_t PurgeModel(absl::string_view model) = 0;
  virtual int64_t PurgeNamespace(absl::string_view cache_namespace) = 0;

  // The bounds of `options` hold from now on; what no longer fits is removed.
  virtual void SetBounds(const CacheOptions& options) = 0;

  // How a request was served, counted as soon as that is decided.
  enum class Use { kHit, kMiss, kJoin, kStale };
  virtual void Count(Use use) = 0;

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
