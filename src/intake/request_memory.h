#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "base/memory_account.h"
#include "chat/chat_request.h"

namespace holysheep {

// Takes what a request of `bytes` holds until its call ends: its message, and
// as much again for its canonical form, which is the cache key's material or
// the JSON for the upstream. QUEUE_FULL if there is no room. Thread-safe.
inline absl::StatusOr<std::shared_ptr<HeldMemory>> TakeForRequest(
    MemoryAccount& account, const Caller& caller, size_t bytes) {
  absl::StatusOr<HeldMemory> held =
      account.Take(caller.name, 2 * static_cast<int64_t>(bytes));
  if (!held.ok()) return held.status();
  return std::make_shared<HeldMemory>(*std::move(held));
}

}  // namespace holysheep
