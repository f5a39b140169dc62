#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chat/first_answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// The JSON in `text`, without the fence that models like to wrap it in.
absl::string_view StripFence(absl::string_view text);

// The conversation so far, and what is wrong with its last answer.
std::shared_ptr<const pb::InvokeRequest> RepairRequest(
    const pb::InvokeRequest& request, absl::string_view answer,
    absl::string_view complaint);

// The refusal by a limit of ours that leaves no room for the repair of `first`:
// it says what was paid all the same.
absl::Status Unrepaired(const absl::Status& refusal, const FirstAnswer& first);

}  // namespace holysheep
