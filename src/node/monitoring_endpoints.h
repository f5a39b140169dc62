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

// The objects that the endpoints use; all must outlive them.
struct MonitoringParts {
  EventLoop& loop;
  Metrics& metrics;
  Logger& logger;
  CredentialCheck& credentials;
  // Returns the present state of the service, without `ready`.
  std::function<GaugeReadings()> look;
};

// Answers /metrics, /healthz and /readyz. The service is ready once it has
// found out whether the upstream answers, whatever the result, until it drains.
// Loop thread only.
class MonitoringEndpoints {
 public:
  explicit MonitoringEndpoints(MonitoringParts parts);
  ~MonitoringEndpoints();

  // Asks the upstream. Call it once.
  void Begin();
  // Makes the service not ready from now on.
  void Drain() { draining_ = true; }

  void Answer(absl::string_view path, HttpRespond respond);

 private:
  void Learn(absl::string_view what, bool good);
  bool ready() const { return upstream_.has_value() && !draining_; }
  HttpReply Readiness() const;

  const MonitoringParts parts_;
  bool draining_ = false;
  // The result in words of our own; not set until it is known.
  std::optional<std::string> upstream_;
  // The requests that arrived before it was known.
  std::vector<HttpRespond> waiting_;
  std::unique_ptr<ChatCall> check_;
  std::unique_ptr<Timer> wait_timer_;
};

}  // namespace holysheep
