#include "node/node.h"

#include <grpcpp/grpcpp.h>

#include <future>
#include <limits>
#include <memory>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "base/memory_account.h"
#include "base/worker.h"
#include "holysheep/node/v1/node.pb.h"
#include "http/asio_loop.h"
#include "http/curl_transport.h"
#include "http/decoding_transport.h"
#include "http/native/native_transport.h"
#include "http/server/http_server.h"
#include "intake/credential_checks.h"
#include "layers/chain.h"
#include "node/credential_probe.h"
#include "node/monitoring_endpoints.h"
#include "node/observers.h"
#include "node/options.h"
#include "rpc/admin_service.h"
#include "rpc/grpc_server.h"
#include "rpc/node_service.h"
#include "store/memory_answers.h"
#include "upstream/keep_warm.h"
#include "upstream/openai_backend.h"

namespace holysheep {
namespace {

// The time for clients that watch the health to notice the end and to send no
// more calls here. gRPC gives a call that meets the end of the server an error
// that does not say whether it had begun.
constexpr absl::Duration kFarewell = absl::Milliseconds(200);

// The time for calls to end after the drain deadline: first to tell their
// clients why, then because gRPC cancels them.
constexpr absl::Duration kCancelGrace = absl::Seconds(1);

// The threads for large requests and long answers, which are rare.
constexpr int kWorkerThreads = 2;

std::unique_ptr<HttpTransport> NewTransport(AsioLoop& loop,
                                            const config::Config& config) {
  using Kind = config::TransportKind;
  const bool native =
      config.transport == Kind::kNative ||
      (config.transport == Kind::kAuto && config.connections.proxy.empty());
  if (!native) return NewCurlTransport(loop, config.connections);
  CurlOptions options = config.connections;
  options.patience =
      std::max(options.patience, config.upstream.first_token_timeout / 4);
  return NewNativeTransport(loop, options);
}

// Everything that lives as long as the service, in the order of construction;
// destroyed in the reverse order, when no call is left. `turning_`, the loop's
// thread, is the last member, so that it starts when everything is there. Only
// a task of the loop changes `options_` after the start.
class RunningNode final : public Node {
 public:
  RunningNode(const config::Config& config, Logger& logger,
              std::unique_ptr<UsageLedger> ledger,
              std::shared_ptr<const IntakeSettings> settings)
      : memory_(MemoryOptionsFrom(config)),
        options_(ChainOptionsFrom(config)),
        drain_timeout_(config.drain_timeout),
        certificates_(!config.tls.client_ca_file.empty()),
        wire_(NewTransport(loop_, config)),
        warm_(KeepingWarm(loop_, *wire_, options_.upstream)),
        transport_(Decoding(*warm_, options_.upstream.max_response_bytes)),
        store_(options_.cache),
        breakers_(options_.breaker),
        limiter_(options_.limits),
        observers_(logger, config, std::move(ledger)),
        intake_(
            loop_, std::move(settings),
            [this](const absl::Status& error) { observers_.OnRefused(error); }),
        credentials_(NewCredentialProbe(loop_, *transport_, options_.upstream)),
        checks_(NewCredentialChecks(loop_, *credentials_)),
        chat_(BuildChain()),
        node_service_(NewNodeService({loop_, *chat_, store_, breakers_,
                                      observers_.calls(), intake_, *checks_,
                                      memory_, active_, revocation_})),
        admin_service_(NewAdminService(
            {loop_, store_, observers_.stats(), gauges_, limiter_, breakers_,
             learned_, intake_, active_,
             [this](const pb::GetUsageRequest& request) {
               return observers_.Usage(request, intake_.settings()->apps);
             }})),
        monitoring_({loop_, *worker_, observers_.shared_metrics(), logger,
                     *credentials_, [this] { return Look(); }}),
        turning_([this] { loop_.Run(); }) {
    loop_.Post([this] { CountEarlierSpending(); });
  }

  ~RunningNode() override {
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
    loop_.Post([this] { loop_.Stop(); });
    turning_.join();
  }

  absl::Status ListenHttp(const config::ListenAddress& address) {
    if (address.text.empty()) return absl::OkStatus();
    HttpServerOptions options;
    options.host = address.host;
    options.port = address.port;
    auto server = StartHttpServer(
        loop_, options, [this](absl::string_view path, HttpRespond respond) {
          monitoring_.Answer(path, std::move(respond));
        });
    if (!server.ok()) return server.status();
    http_server_ = *std::move(server);
    return absl::OkStatus();
  }

  absl::Status Listen(const GrpcServerOptions& options) {
    auto server =
        StartGrpcServer(options, {node_service_.get(), admin_service_.get()},
                        *worker_, dropped_);
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    // The upstream's state is not needed before the first call.
    if (http_server_ != nullptr) loop_.Post([this] { monitoring_.Begin(); });
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }
  int http_port() const override {
    return http_server_ == nullptr ? 0 : http_server_->port();
  }

  absl::Status Reload(const config::Config& config) override {
    auto settings = IntakeSettingsFrom(config, certificates_);
    if (!settings.ok()) return settings.status();
    const auto authenticator = (*settings)->authenticator;
    intake_.SetSettings(*std::move(settings));
    observers_.TakeUp(config);
    drain_timeout_ = config.drain_timeout;
    memory_.SetOptions(MemoryOptionsFrom(config));
    loop_.Post([this, authenticator, options = ChainOptionsFrom(config)] {
      revocation_.TakeUp(authenticator);
      options_ = options;
      store_.SetBounds(options_.cache);
      learned_.Clear();
      checks_->Clear();
      CountEarlierSpending();
    });
    return absl::OkStatus();
  }

  void DrainAndStop() override {
    const absl::Time told = absl::Now();
    server_->SetServing(false);
    loop_.Post([this] { monitoring_.Drain(); });
    // The last call may leave only after this thread has stopped waiting for
    // it.
    const auto left = std::make_shared<std::promise<void>>();
    std::future<void> idle = left->get_future();
    active_.Drain([left] { left->set_value(); });
    if (idle.wait_for(absl::ToChronoNanoseconds(drain_timeout_)) !=
        std::future_status::ready) {
      loop_.Post([this] { drain_deadline_.Begin(); });
      idle.wait_for(absl::ToChronoNanoseconds(kCancelGrace));
    }
    if (server_->IsWatched()) absl::SleepFor(told + kFarewell - absl::Now());
    server_->Shutdown(kCancelGrace);
    server_.reset();
  }

 private:
  std::unique_ptr<ChatBackend> BuildChain() {
    breakers_.SetListener([this](const CircuitBreakerRegistry::Entry& entry) {
      observers_.OnBreaker(entry);
    });
    learned_.SetListener([this](absl::string_view model, WireRefusal refusal) {
      observers_.OnLearned(model, refusal);
    });
    return holysheep::BuildChain(
        {loop_, *worker_, options_, random_, drain_deadline_, store_, breakers_,
         limiter_, learned_, gauges_, observers_.calls(), observers_.metrics(),
         observers_.ledger()},
        OpenAi(loop_, *transport_, options_.upstream, random_));
  }

  // Budgets continue with what the ledger has recorded.
  void CountEarlierSpending() {
    std::vector<Spending> earlier;
    for (const UsageRow& row : observers_.ledger().Rows()) {
      earlier.push_back(SpendingOf(row));
    }
    limiter_.AddSpent(loop_.Now(), earlier);
  }

  GaugeReadings Look() {
    GaugeReadings readings;
    readings.queue = gauges_.queue;
    readings.queue_limit = options_.admission.max_queue;
    readings.slots_used = limiter_.in_flight();
    readings.slots = options_.limits.service.max_concurrent;
    const AnswerStore::Stats kept = store_.GetStats();
    readings.cache_entries = kept.entries;
    readings.cache_bytes = kept.bytes;
    readings.cache_evictions = kept.evictions;
    readings.memory_held = memory_.bytes();
    const int64_t most = memory_.max_bytes();
    const bool unlimited = most == std::numeric_limits<int64_t>::max();
    readings.memory_limit = unlimited ? 0 : most;
    readings.loop_stalls = loop_.stalls();
    readings.log_dropped = observers_.logger().dropped();
    readings.dropped_without_room = dropped_.no_room;
    readings.dropped_for_others = dropped_.crowded_out;
    readings.dropped_as_flood = dropped_.flood;
    const absl::Time now = loop_.Now();
    const auto settings = intake_.settings();
    for (const ModelInfo& model : settings->catalog->models()) {
      readings.breakers.emplace_back(model.id,
                                     breakers_.Look(model.id, now).state);
    }
    for (const CircuitBreakerRegistry::Entry& entry : breakers_.Snapshot(now)) {
      readings.breakers.emplace_back(entry.model, entry.state);
    }
    return readings;
  }

  // Outlives all calls, which give back what they hold.
  MemoryAccount memory_;
  AsioLoop loop_;
  const std::unique_ptr<Worker> worker_ = NewWorker(kWorkerThreads);
  ChainOptions options_;
  absl::Duration drain_timeout_;
  // Whether clients are asked for a certificate, which no reload changes.
  const bool certificates_;
  absl::BitGen random_;
  const std::unique_ptr<HttpTransport> wire_;
  const std::unique_ptr<HttpTransport> warm_;
  const std::unique_ptr<HttpTransport> transport_;
  MemoryAnswers store_;
  CircuitBreakerRegistry breakers_;
  Limiter limiter_;
  LearnedWire learned_;
  AdmissionGauges gauges_;
  Observers observers_;
  ActiveCalls active_;
  Revocation revocation_{loop_};
  DrainDeadline drain_deadline_;
  RequestIntake intake_;
  const std::unique_ptr<CredentialCheck> credentials_;
  const std::unique_ptr<CredentialChecks> checks_;
  const std::unique_ptr<ChatBackend> chat_;
  const std::unique_ptr<RpcService> node_service_;
  const std::unique_ptr<RpcService> admin_service_;
  DroppedConnections dropped_;
  MonitoringEndpoints monitoring_;
  std::unique_ptr<HttpServer> http_server_;
  std::unique_ptr<GrpcServer> server_;
  std::thread turning_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> StartNode(const config::Config& config,
                                                Logger& logger) {
  auto settings =
      IntakeSettingsFrom(config, !config.tls.client_ca_file.empty());
  if (!settings.ok()) return settings.status();
  auto ledger = OpenLedger(config.ledger, logger);
  if (!ledger.ok()) return ledger.status();
  auto node = std::make_unique<RunningNode>(config, logger, *std::move(ledger),
                                            *std::move(settings));
  if (absl::Status status = node->ListenHttp(config.http_listen);
      !status.ok()) {
    // A default port that is taken is not a reason to refuse calls: a second
    // instance on the machine may run without metrics.
    if (config.http_listen != config::Config().http_listen) return status;
    logger.Say(LogLevel::kWarn,
               absl::StrCat(status.message(), "; going on without /metrics"));
  }
  if (absl::Status status = node->Listen(GrpcServerOptionsFrom(config));
      !status.ok()) {
    return status;
  }
  return node;
}

}  // namespace holysheep
