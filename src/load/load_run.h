#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "holysheep/node/v1/chat.pb.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

// The load generator of `holysheepctl bench` and of the programs in bench/.
namespace holysheep::load {

namespace pb = node::v1;

// The service that is called, and as whom.
struct LoadTarget {
  std::shared_ptr<grpc::Channel> channel;
  // Readies the context of each call, such as by its credentials.
  std::function<void(grpc::ClientContext&)> prepare;
};

// How calls are made.
struct LoadPlan {
  int64_t calls = std::numeric_limits<int64_t>::max();
  // The most calls at once.
  int concurrency = 1;
  // Calls to start per second, whether or not others have ended. The time of
  // each then runs from when it was due, even if it had to wait for one of
  // `concurrency`. 0 starts a call as soon as another ends.
  double rate = 0;
  bool stream = false;
  // No call starts later than this; without `rate` only.
  absl::Duration duration = absl::InfiniteDuration();
};

// A call that has ended.
struct CallEnd {
  // Counted from the start of the run.
  absl::Duration ended;
  // From its start, or from when it should have started, to its end.
  absl::Duration latency;
  // To the first piece of text. Streams only.
  std::optional<absl::Duration> first_token;
  const grpc::Status& status;
  // Empty if it failed.
  const pb::InvokeResponse& response;
};

// Fills in the next request, which still has the content of the one before.
using NextRequest = absl::FunctionRef<void(pb::InvokeRequest&)>;
using OnEnd = absl::FunctionRef<void(const CallEnd&)>;

// Makes the calls of a plan, once.
class LoadRun {
 public:
  virtual ~LoadRun() = default;

  // Blocks until all calls have ended, and passes the end of each to `on_end`.
  // Returns kCancelled if Stop ended the run; the calls that this cancelled are
  // then not reported.
  virtual absl::Status Run(OnEnd on_end) = 0;

  // May be called on any thread.
  virtual void Stop() = 0;
};

// `target` and `next_request` must outlive the run; the latter is called on one
// thread.
std::unique_ptr<LoadRun> NewLoadRun(const LoadTarget& target,
                                    const LoadPlan& plan,
                                    NextRequest next_request);

}  // namespace holysheep::load
