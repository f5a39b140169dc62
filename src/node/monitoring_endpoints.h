#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/errand.h"
#include "base/event_loop.h"
#include "base/worker.h"
#include "http/server/http_server.h"
#include "intake/credential_check.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace holysheep {

// The objects that the endpoints use; all must outlive them. Filled once by the
// node.
struct MonitoringParts {
  EventLoop& loop;
  // Writes the pages of /metrics.
  Worker& worker;
  // Written as text for /metrics, on the worker.
  std::shared_ptr<Metrics> metrics;
  // Receives one line about the result of the check.
  Logger& logger;
  // Asked once, with the service's own key.
  CredentialCheck& credentials;
  // Returns the present state of the service, without `ready`.
  std::function<GaugeReadings()> look;
};

// Answers /metrics, /healthz and /readyz. The service is ready once it has
// found out whether the upstream answers, whatever the result, until it drains.
// On the loop only; a worker makes the pages of /metrics, one a second at most,
// which all who wait for it share. Any client of the port may read them, so
// they show no words of the upstream and no names but those configured.
class MonitoringEndpoints {
 public:
  explicit MonitoringEndpoints(MonitoringParts parts);
  ~MonitoringEndpoints();

  // Asks the upstream. Call it once. /readyz waits for at most 2 s after it.
  void Begin();
  // Makes the service not ready from now on.
  void Drain() { draining_ = true; }

  // Calls `respond` once: at once, or, for /readyz before the result, when that
  // is known, or, for /metrics, when a page has been made that was begun after
  // this. Unknown paths are answered with 404.
  void Answer(absl::string_view path, HttpRespond respond);

 private:
  // Notes the result and answers the waiting requests.
  void Learn(absl::string_view what, bool good);
  // Makes a page for those who wait for one.
  void MakePage();
  void GivePage(std::string page);
  bool ready() const { return upstream_.has_value() && !draining_; }
  // REQUIRES: the result is known, or the service drains.
  HttpReply Readiness() const;

  const MonitoringParts parts_;
  bool draining_ = false;
  // The result in words of our own; not set until it is known.
  std::optional<std::string> upstream_;
  // The requests that arrived before it was known.
  std::vector<HttpRespond> waiting_;
  // The running check, and the timer that ends the wait for it.
  std::unique_ptr<ChatCall> check_;
  std::unique_ptr<Timer> wait_timer_;
  // Those who wait for the next page of /metrics, and those for the one that
  // `page_` makes. `next_page_` is when the next may be begun.
  std::vector<HttpRespond> page_asked_;
  std::vector<HttpRespond> page_expected_;
  absl::Time next_page_ = absl::InfinitePast();
  std::unique_ptr<Timer> page_timer_;
  std::unique_ptr<Errand<std::string>> page_;
};

}  // namespace holysheep
