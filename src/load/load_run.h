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

// The service that is called, and as whom. It must outlive the runs.
struct LoadTarget {
  std::shared_ptr<grpc::Channel> channel;
  // Readies the context of each call, such as by its credentials. Called on the
  // thread that starts calls.
  std::function<void(grpc::ClientContext&)> prepare;
};

// How calls are made.
struct LoadPlan {
  // How many are made in all, unless `duration` ends the run before.
  int64_t calls = std::numeric_limits<int64_t>::max();
  // The most calls at once.
  int concurrency = 1;
  // Calls to start per second, whether or not others have ended. The time of
  // each then runs from when it was due, even if it had to wait for one of
  // `concurrency`. 0 starts a call as soon as another ends.
  double rate = 0;
  // Calls InvokeStream rather than Invoke.
  bool stream = false;
  // No call starts later than this; without `rate` only.
  absl::Duration duration = absl::InfiniteDuration();
};

// A call that has ended. Valid during the call of `on_end` only.
struct CallEnd {
  // Counted from the start of the run.
  absl::Duration ended;
  // From its start, or from when it should have started, to its end.
  absl::Duration latency;
  // To the first piece of text. Streams only.
  std::optional<absl::Duration> first_token;
  const grpc::Status& status;
  // Empty if it failed. For streams the `final` event, without the pieces.
  const pb::InvokeResponse& response;
};

// Fills in the next request, which still has the content of the one before.
using NextRequest = absl::FunctionRef<void(pb::InvokeRequest&)>;
// Called on the thread of Run, one call at a time; what it does delays others.
using OnEnd = absl::FunctionRef<void(const CallEnd&)>;

// Makes the calls of a plan, once.
class LoadRun {
 public:
  virtual ~LoadRun() = default;

  // Blocks until all calls have ended, and passes the end of each to `on_end`.
  // Returns kCancelled if Stop ended the run; the calls that this cancelled are
  // then not reported. Call it once. Times are on a monotonic clock that begins
  // with the first call.
  virtual absl::Status Run(OnEnd on_end) = 0;

  // May be called on any thread. Does not block; Run notices within 50 ms.
  virtual void Stop() = 0;
};

// `target` and `next_request` must outlive the run; the latter is called on one
// thread.
std::unique_ptr<LoadRun> NewLoadRun(const LoadTarget& target,
                                    const LoadPlan& plan,
                                    NextRequest next_request);

}  // namespace holysheep::load
