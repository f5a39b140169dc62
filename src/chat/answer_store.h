#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "policy/lru_map.h"

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

// The answers kept in memory. Thread-safe: the fast path of a cache hit reads
// it from the threads of the RPC server (docs/adr/0003).
class AnswerStore {
 public:
  explicit AnswerStore(const CacheOptions& options);

  // The answer to exactly this request, fresh or expired; null if there is
  // none. An equal digest of another request's material is none.
  std::shared_ptr<const StoredAnswer> Find(const CacheKey& key);

  // Keeps `answer`, in place of an older one.
  void Put(const CacheKey& key, StoredAnswer answer);

  // Each returns how many answers it removed.
  int64_t PurgeAll();
  int64_t PurgeModel(absl::string_view model);
  int64_t PurgeNamespace(absl::string_view cache_namespace);

  // Takes up new bounds, and forgets what no longer fits.
  void SetBounds(const CacheOptions& options);

  // How a request was served, counted as soon as that is decided.
  enum class Use { kHit, kMiss, kJoin, kStale };
  void Count(Use use) { ++uses_[static_cast<size_t>(use)]; }

  struct Stats {
    int64_t entries = 0;
    int64_t bytes = 0;
    int64_t evictions = 0;
    int64_t hits = 0;
    int64_t misses = 0;
    int64_t joins = 0;
    int64_t stale = 0;
  };
  Stats GetStats() const;

 private:
  int64_t Uses(Use use) const { return uses_[static_cast<size_t>(use)]; }

  std::array<std::atomic<int64_t>, 4> uses_ = {};
  mutable std::mutex mutex_;
  LruMap<std::shared_ptr<const StoredAnswer>> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
