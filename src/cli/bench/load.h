#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "cli/bench/bench_report.h"
#include "cli/client/interrupt.h"
#include "cli/client/settings.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

struct LoadPlan {
  int64_t calls = 0;
  // At most so many calls at once.
  int concurrency = 1;
  // Starts so many calls a second whether or not others have ended, and takes
  // the time of each from when it was due, also if it had to wait for one of
  // `concurrency`. 0: a call follows a call.
  double rate = 0;
  bool stream = false;
};

// Fills the next request; it keeps what the one before put there.
using NextRequest = absl::FunctionRef<void(pb::InvokeRequest&)>;
using OnSample = absl::FunctionRef<void(const CallSample&)>;

// Connects, then makes the calls of `plan` and tells `on_sample` of each end.
// `next_request` is called by one thread, `on_sample` by the caller's. Fails if
// there is no connection (kUnavailable) or an interrupt ended it (kCancelled);
// then calls that were cancelled are not told of.
absl::Status RunLoad(const Settings& settings, const LoadPlan& plan,
                     Interrupt& interrupt, NextRequest next_request,
                     OnSample on_sample);

}  // namespace holysheep::cli
