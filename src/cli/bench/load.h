#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "cli/bench/bench_report.h"
#include "cli/client/interrupt.h"
#include "cli/client/settings.h"
#include "load/load_run.h"

namespace holysheep::cli {

namespace pb = node::v1;

using OnSample = absl::FunctionRef<void(const CallSample&)>;

// Connects, makes the calls of `plan`, and passes the end of each to
// `on_sample`. `next_request` is called on one thread, `on_sample` on the
// caller's. Returns kUnavailable without a connection, and kCancelled after an
// interrupt; cancelled calls are then not reported.
absl::Status RunLoad(const Settings& settings, const load::LoadPlan& plan,
                     Interrupt& interrupt, load::NextRequest next_request,
                     OnSample on_sample);

}  // namespace holysheep::cli
