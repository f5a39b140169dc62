#pragma once

#include "cli/bench/load.h"
#include "cli/client/node_client.h"

namespace holysheep::cli {

// As RunLoad, but the calls are the items of one batch, with at most
// `plan.concurrency` of them open. The plan must have neither a rate nor
// streams. The time of an item runs from its being read to its result. Returns
// kUnavailable if the batch fails, and kCancelled if an interrupt ended it.
absl::Status RunBatchLoad(NodeClient& node, const load::LoadPlan& plan,
                          load::NextRequest next_request, OnSample on_sample);

}  // namespace holysheep::cli
