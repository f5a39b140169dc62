#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/event_loop.h"
#include "http/server/http_server.h"
#include "intake/credential_check.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace holysheep {

struct MonitoringParts {
  EventLoop& loop;
  Metrics& metrics;
  Logger& logger;
  CredentialCheck& credentials;
  // What the service looks like now, but for `ready`.
  std::function<GaugeReadings()> look;
};

// What watchers of the service get: /metrics, /healthz and /readyz. It is
// ready once it has found out whether the upstream answers, whatever it found,
// until it drains. Loop thread only.
class MonitoringEndpoints {
 public:
  explicit MonitoringEndpoints(MonitoringParts parts);
  ~MonitoringEndpoints();

  // Asks the upstream, once.
  void Begin();
  // No longer ready.
  void Drain() { draining_ = true; }

  void Answer(absl::string_view path, HttpRespond respond);

 private:
  void Learn(absl::string_view what, bool good);
  bool ready() const { return upstream_.has_value() && !draining_; }
  HttpReply Readiness() const;

  const MonitoringParts parts_;
  bool draining_ = false;
  // In words of ours; empty until it is known.
  std::optional<std::string> upstream_;
  // Who asked before it was known.
  std::vector<HttpRespond> waiting_;
  std::unique_ptr<ChatCall> check_;
  std::unique_ptr<Timer> wait_timer_;
};

}  // namespace holysheep
