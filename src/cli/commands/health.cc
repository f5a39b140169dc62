#include "cli/commands/health.h"

#include <algorithm>
#include <ostream>

#include "absl/time/clock.h"

namespace holysheep::cli {
namespace {

// The service is asked ten times a second at most.
constexpr absl::Duration kPause = absl::Milliseconds(100);

bool IsServing(const absl::StatusOr<Health>& health) {
  return health.ok() && *health == Health::kServing;
}

// Whether another attempt may help: no connection, or not ready yet.
bool MayChange(const absl::StatusOr<Health>& health) {
  return health.ok() || ExitCodeFor(health.status()) == kExitUnreachable;
}

// The first check waits for a connection itself; the pause is for a service
// that answers NOT_SERVING.
absl::StatusOr<Health> Ask(const Session& session, absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  while (true) {
    absl::Duration left = end - absl::Now();
    auto health = session.node.CheckHealth(left);
    left = end - absl::Now();
    if (IsServing(health) || !MayChange(health) ||
        left <= absl::ZeroDuration()) {
      return health;
    }
    absl::SleepFor(std::min(kPause, left));
  }
}

}  // namespace

ExitCode RunHealth(const Session& session, absl::Duration wait) {
  const auto health = Ask(session, wait);
  if (!health.ok()) return Fail(session, health.status());
  const Console& console = session.console;
  const bool serving = IsServing(health);
  console.out << (serving ? OnOut(console, Style::kGreen, "SERVING")
                          : OnOut(console, Style::kRed, "NOT_SERVING"))
              << std::endl;
  return serving ? kExitOk : kExitFailed;
}

}  // namespace holysheep::cli
