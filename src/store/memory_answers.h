#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "chat/answer_store.h"
#include "policy/lru_map.h"
#include "store/purge_log.h"

namespace holysheep {

// Keeps answers in memory; the least recently used make room for new ones.
// Every look-up is answered at once. Thread-safe, Find included: the fast path
// of a cache hit reads the store from the threads of the RPC server
// (docs/adr/0003).
class MemoryAnswers final : public AnswerStore {
 public:
  // Holds at most what the bounds of `options` allow. Only the bounds are read;
  // when an answer expires is in the answer itself, and judged by those who
  // ask.
  explicit MemoryAnswers(const CacheOptions& options);

  // Takes constant time, plus a comparison of the material outside the lock.
  // Makes the answer the most recently used.
  Found FindNow(const CacheKey& key) override;
  // Calls `on_found` before it returns, and always returns null.
  std::unique_ptr<Lookup> Find(const CacheKey& key, OnFound on_found) override;
  // An answer larger than the whole bound is not kept.
  void Put(const CacheKey& key, StoredAnswer answer, int64_t since) override;
  int64_t purges() const override;
  bool WasPurged(int64_t since, absl::string_view model,
                 absl::string_view cache_namespace) const override;
  // The purges take time linear in the number of entries, under the lock.
  int64_t PurgeAll() override;
  int64_t PurgeModel(absl::string_view model) override;
  int64_t PurgeNamespace(absl::string_view cache_namespace) override;
  void SetBounds(const CacheOptions& options) override;
  void Count(Use use) override { ++uses_[static_cast<size_t>(use)]; }
  Stats GetStats() const override;

 private:
  int64_t Uses(Use use) const { return uses_[static_cast<size_t>(use)]; }

  // By the value of Use. Apart from the lock, because every call counts.
  std::array<std::atomic<int64_t>, 4> uses_ = {};
  mutable std::mutex mutex_;
  // By digest. Readers keep an answer alive that has been removed.
  LruMap<Found> answers_ ABSL_GUARDED_BY(mutex_);
  PurgeLog purges_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
