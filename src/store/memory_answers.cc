#include "store/memory_answers.h"

#include <utility>

namespace holysheep {
namespace {

// The memory of an entry in addition to its strings: map slot, list node,
// control blocks and the heads of the strings. Measured: docs/performance.md.
constexpr size_t kOverhead = 400;

size_t SizeOf(const CacheKey& key, const StoredAnswer& answer) {
  return key.digest.size() + answer.material->size() + answer.model.size() +
         answer.cache_namespace.size() + answer.transcript.size() +
         answer.ending.size() + kOverhead;
}

}  // namespace

// Invariants: an answer is immutable once it is in the map, so that readers use
// it without the lock. An answer is found only if its whole material is equal
// to the request's; an equal digest alone is not enough. The bytes of an entry
// include kOverhead, so that max_bytes bounds the memory and not only the
// texts.

MemoryAnswers::MemoryAnswers(const CacheOptions& options)
    : answers_(options.max_entries, options.max_bytes) {}

AnswerStore::Found MemoryAnswers::FindNow(const CacheKey& key) {
  Found answer;
  {
    const std::lock_guard lock(mutex_);
    const auto* found = answers_.Find(key.digest);
    if (found != nullptr) answer = *found;
  }
  if (answer == nullptr || *answer->material != *key.material) return nullptr;
  return answer;
}

std::unique_ptr<AnswerStore::Lookup> MemoryAnswers::Find(const CacheKey& key,
                                                         OnFound on_found) {
  on_found(FindNow(key));
  return nullptr;
}

// Size and allocation come before the lock, for which all calls compete.
void MemoryAnswers::Put(const CacheKey& key, StoredAnswer answer,
                        int64_t since) {
  const size_t bytes = SizeOf(key, answer);
  auto kept = std::make_shared<const StoredAnswer>(std::move(answer));
  const std::lock_guard lock(mutex_);
  if (purges_.HasReached(since, kept->model, kept->cache_namespace)) return;
  answers_.Put(key.digest, std::move(kept), bytes);
}

int64_t MemoryAnswers::purges() const {
  const std::lock_guard lock(mutex_);
  return purges_.count();
}

bool MemoryAnswers::WasPurged(int64_t since, absl::string_view model,
                              absl::string_view cache_namespace) const {
  const std::lock_guard lock(mutex_);
  return purges_.HasReached(since, model, cache_namespace);
}

int64_t MemoryAnswers::PurgeAll() {
  const std::lock_guard lock(mutex_);
  purges_.AddAll();
  return static_cast<int64_t>(
      answers_.EraseIf([](const auto&) { return true; }));
}

int64_t MemoryAnswers::PurgeModel(absl::string_view model) {
  const std::lock_guard lock(mutex_);
  purges_.AddModel(model);
  return static_cast<int64_t>(answers_.EraseIf(
      [model](const auto& answer) { return answer->model == model; }));
}

int64_t MemoryAnswers::PurgeNamespace(absl::string_view cache_namespace) {
  const std::lock_guard lock(mutex_);
  purges_.AddNamespace(cache_namespace);
  return static_cast<int64_t>(
      answers_.EraseIf([cache_namespace](const auto& answer) {
        return answer->cache_namespace == cache_namespace;
      }));
}

void MemoryAnswers::SetBounds(const CacheOptions& options) {
  const std::lock_guard lock(mutex_);
  answers_.SetBounds(options.max_entries, options.max_bytes);
}

AnswerStore::Stats MemoryAnswers::GetStats() const {
  Stats stats;
  stats.hits = Uses(Use::kHit);
  stats.misses = Uses(Use::kMiss);
  stats.joins = Uses(Use::kJoin);
  stats.stale = Uses(Use::kStale);
  const std::lock_guard lock(mutex_);
  stats.entries = static_cast<int64_t>(answers_.entries());
  stats.bytes = static_cast<int64_t>(answers_.bytes());
  stats.evictions = answers_.evictions();
  return stats;
}

}  // namespace holysheep
