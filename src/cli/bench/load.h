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

// How calls are made.
struct LoadPlan {
  int64_t calls = 0;
  // The most calls at once.
  int concurrency = 1;
  // Calls to start per second, whether or not others have ended. The time of
  // each then runs from when it was due, even if it had to wait for one of
  // `concurrency`. 0 starts a call as soon as another ends.
  double rate = 0;
  bool stream = false;
};

// Fills in the next request, which still has the content of the one before.
using NextRequest = absl::FunctionRef<void(pb::InvokeRequest&)>;
using OnSample = absl::FunctionRef<void(const CallSample&)>;

// Connects, makes the calls of `plan`, and passes the end of each to
// `on_sample`. `next_request` is called on one thread, `on_sample` on the
// caller's. Returns kUnavailable without a connection, and kCancelled after an
// interrupt; cancelled calls are then not reported.
absl::Status RunLoad(const Settings& settings, const LoadPlan& plan,
                     Interrupt& interrupt, NextRequest next_request,
                     OnSample on_sample);

}  // namespace holysheep::cli
