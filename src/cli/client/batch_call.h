#pragma once

#include <grpcpp/support/sync_stream.h>

#include <cstddef>
#include <functional>

#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The two ends of a batch. Each is called by one thread, not the same one.
struct BatchEnds {
  // Fills in the next item; false if there is none.
  std::function<bool(pb::BatchItem&)> next;
  // False ends the batch at once.
  std::function<bool(const pb::BatchResult&)> on_result;
  // Items under way, at most.
  size_t max_open = 64;
};

// Sends and receives until all is done, the call fails, or `on_result` has had
// enough; then calls `cancel`. Blocks.
void RunBatchStream(
    grpc::ClientReaderWriterInterface<pb::BatchItem, pb::BatchResult>& stream,
    const BatchEnds& ends, const std::function<void()>& cancel);

}  // namespace holysheep::cli
