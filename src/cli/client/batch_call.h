#pragma once

#include <grpcpp/support/sync_stream.h>

#include <cstddef>
#include <functional>

#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The two ends of a batch. Each function is called on one thread, but not both
// on the same. `next` runs on the sender's thread, `on_result` on that of the
// caller.
struct BatchEnds {
  // Fills in the next item; returns false if there is none.
  std::function<bool(pb::BatchItem&)> next;
  // Receives a result; returns false to end the batch at once.
  std::function<bool(const pb::BatchResult&)> on_result;
  // The most items without a result.
  size_t max_open = 64;
};

// Sends and receives until all is done, the call fails, or `on_result` returns
// false, upon which `cancel` is called. Blocks. Does not finish the stream: the
// caller does, and so learns how it ended.
void RunBatchStream(
    grpc::ClientReaderWriterInterface<pb::BatchItem, pb::BatchResult>& stream,
    const BatchEnds& ends, const std::function<void()>& cancel);

}  // namespace holysheep::cli
