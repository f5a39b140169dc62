#include "node/monitoring_endpoints.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

// After this time the upstream counts as unreachable. An orchestrator's probe
// usually waits for 1 to 5 s.
constexpr absl::Duration kPatience = absl::Seconds(2);

// The least time between the beginnings of two pages of /metrics. Whoever asks
// before waits for it, rather than being given an older page: a page shows all
// that had happened when it was asked for.
constexpr absl::Duration kBetweenPages = absl::Seconds(1);

// The content type of the text format, with its version.
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

MonitoringEndpoints::MonitoringEndpoints(MonitoringParts parts)
    : parts_(std::move(parts)) {}

MonitoringEndpoints::~MonitoringEndpoints() = default;

void MonitoringEndpoints::Begin() {
  wait_timer_ = parts_.loop.RunAfter(
      kPatience, [this] { Learn("it does not answer", /*good=*/false); });
  check_ = parts_.credentials.Start(
      "", [this](const auto& found, absl::string_view reason) {
        // The upstream's words are left out, because anyone may read this.
        Learn(found.ok() ? "it answers"
                         : absl::StrCat("the check failed (", reason, ")"),
              found.ok());
      });
}

// Called once, by the check or by the timer, whichever comes first; it destroys
// the other.
void MonitoringEndpoints::Learn(absl::string_view what, bool good) {
  upstream_ = std::string(what);
  wait_timer_.reset();
  const auto ended = std::exchange(check_, nullptr);
  parts_.logger.Say(good ? LogLevel::kInfo : LogLevel::kWarn,
                    absl::StrCat("upstream: ", what));
  for (HttpRespond& respond : std::exchange(waiting_, {})) {
    respond(Readiness());
  }
}

// An upstream that fails does not make the service unready: no other instance
// would fare better.
HttpReply MonitoringEndpoints::Readiness() const {
  HttpReply reply;
  reply.status = ready() ? 200 : 503;
  reply.body = draining_ ? "draining\n"
                         : absl::StrCat("ready; upstream: ", *upstream_, "\n");
  return reply;
}

// Before the result of the check is known, requests of /readyz wait for it.
void MonitoringEndpoints::Answer(absl::string_view path, HttpRespond respond) {
  if (path == "/readyz") {
    if (draining_ || upstream_.has_value()) return respond(Readiness());
    return waiting_.push_back(std::move(respond));
  }
  if (path == "/metrics") {
    page_asked_.push_back(std::move(respond));
    if (page_ != nullptr || page_timer_ != nullptr) return;
    return MakePage();
  }
  HttpReply reply;
  if (path == "/healthz") {
    reply.body = "ok\n";
  } else {
    reply.status = 404;
    reply.body = "there are /metrics, /healthz and /readyz\n";
  }
  respond(std::move(reply));
}

// One of `page_` and `page_timer_` is set while anybody waits.
void MonitoringEndpoints::MakePage() {
  const absl::Duration wait = next_page_ - parts_.loop.Now();
  if (wait > absl::ZeroDuration()) {
    page_timer_ = parts_.loop.RunAfter(wait, [this] {
      page_timer_.reset();
      MakePage();
    });
    return;
  }
  next_page_ = parts_.loop.Now() + kBetweenPages;
  page_expected_ = std::exchange(page_asked_, {});
  GaugeReadings readings = parts_.look();
  readings.ready = ready();
  page_ = std::make_unique<Errand<std::string>>(
      parts_.worker, parts_.loop,
      [metrics = parts_.metrics, readings = std::move(readings)] {
        return metrics->Text(readings);
      },
      [this](std::string page) { GivePage(std::move(page)); });
}

void MonitoringEndpoints::GivePage(std::string page) {
  const auto ended = std::exchange(page_, nullptr);
  HttpReply reply;
  reply.content_type = kMetricsType;
  reply.body = std::move(page);
  for (HttpRespond& respond : std::exchange(page_expected_, {})) {
    respond(reply);
  }
  if (!page_asked_.empty()) MakePage();
}

}  // namespace holysheep
