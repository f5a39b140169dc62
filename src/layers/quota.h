#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "policy/limiter.h"

namespace holysheep {

// What an attempt at `request` asks of the limits: its estimated prompt tokens
// and all the tokens that its answer may have, at the price of its model.
QuotaRequest QuotaRequestFor(const ChatRequest& request);

// Until when the attempt, asked for at `asked`, may wait for the limits; waits
// are no longer than `longest`. May move, see Deadline.
absl::Time LatestStart(const ChatRequest& request, absl::Time asked,
                       absl::Duration longest);

// RATE_LIMITED_LOCAL or BUDGET_EXCEEDED, which names the limit and whose it is,
// and says when to try again as far as that is known.
absl::Status RefusalError(const Limiter::Refusal& refusal, absl::Time now);

// Whether an error is a refusal by the service's own limits.
bool IsOwnRefusal(const absl::Status& error);

// QUEUE_FULL, with as many calls `waiting` as may wait.
absl::Status QueueFullError(size_t waiting);

}  // namespace holysheep
