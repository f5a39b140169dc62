#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/first_answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// Returns a request with the conversation so far and the fault of its last
// answer. `complaint` is that of a FittingValue.
std::shared_ptr<const pb::InvokeRequest> RepairRequest(
    const pb::InvokeRequest& request, absl::string_view answer,
    absl::string_view complaint);

// Returns how long to wait before a repair that `refusal`, by a limit of the
// service, has turned away is asked for again; nothing if that is not before
// the deadline of `request`. The items of batches wait outside their calls.
std::optional<absl::Duration> WaitForRoom(const absl::Status& refusal,
                                          const ChatRequest& request,
                                          absl::Time now);

// Returns the refusal by a limit of the service that has no room for the repair
// of `first`, with the cost that was paid all the same.
absl::Status Unrepaired(const absl::Status& refusal, const FirstAnswer& first);

}  // namespace holysheep
