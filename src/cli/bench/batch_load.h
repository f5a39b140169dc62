#pragma once

#include "cli/bench/load.h"
#include "cli/client/node_client.h"

namespace holysheep::cli {

// As RunLoad, but the calls are the items of one batch, `plan.concurrency` of
// them under way. The plan has neither a rate nor streams. An item's time is
// from its being read to its result. Fails if the batch does (kUnavailable), or
// an interrupt ended it (kCancelled).
absl::Status RunBatchLoad(NodeClient& node, const LoadPlan& plan,
                          NextRequest next_request, OnSample on_sample);

}  // namespace holysheep::cli
