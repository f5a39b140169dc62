#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "policy/limiter.h"

namespace holysheep {

// Returns the quantities that an attempt at `request` asks of the limits: its
// estimated prompt tokens and the most tokens of its answer, at the price of
// its model. Pure, as all functions here.
QuotaRequest QuotaRequestFor(const ChatRequest& request);

// Returns the time until which an attempt that was asked for at `asked` may
// wait for the limits, at most `longest`. The time may move, see Deadline.
absl::Time LatestStart(const ChatRequest& request, absl::Time asked,
                       absl::Duration longest);

// Returns RATE_LIMITED_LOCAL or BUDGET_EXCEEDED with the limit, its owner and,
// if known, when to try again.
absl::Status RefusalError(const Limiter::Refusal& refusal, absl::Time now);

// Whether `error` is a refusal by the service's own limits. Such an error says
// nothing about the upstream.
bool IsOwnRefusal(const absl::Status& error);

// Returns QUEUE_FULL; `waiting` calls are in the queue.
absl::Status QueueFullError(size_t waiting);

}  // namespace holysheep
