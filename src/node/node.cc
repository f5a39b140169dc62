#include "node/node.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "chat/billing.h"
#include "chat/breaking.h"
#include "chat/caching.h"
#include "chat/call_stats.h"
#include "chat/expiring.h"
#include "chat/fallback.h"
#include "chat/metering.h"
#include "http/asio_loop.h"
#include "node/credential_probe.h"
#include "node/options.h"
#include "server/admin_service.h"
#include "server/grpc_server.h"
#include "server/node_service.h"
#include "store/usage_ledger.h"
#include "upstream/conform.h"
#include "upstream/openai_backend.h"

namespace holysheep {
namespace {

// Cancelled calls need a moment to unwind once the drain deadline is over.
constexpr absl::Duration kCancelGrace = absl::Seconds(1);

// A flag that one thread raises and another waits for.
class Event {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void WaitFor(absl::Duration longest) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, absl::ToChronoNanoseconds(longest),
                      [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// All that lives as long as the service, in the order in which it is built;
// it goes in the reverse order, when no call is left.
class RunningNode final : public Node {
 public:
  RunningNode(const Config& config,
              std::shared_ptr<const ReceptionSettings> settings)
      : options_(ChainOptionsFrom(config)),
        drain_timeout_(config.drain_timeout),
        transport_(NewCurlTransport(loop_, CurlOptionsFrom(config))),
        store_(options_.cache),
        breakers_(options_.breaker),
        limiter_(options_.limits),
        reception_(loop_, std::move(settings)),
        credentials_(NewCredentialProbe(loop_, *transport_, options_.upstream)),
        chat_(BuildChain()),
        node_service_(NewNodeService({loop_, *chat_, store_, breakers_, stats_,
                                      reception_, *credentials_, active_})),
        admin_service_(
            NewAdminService({loop_, store_, stats_, gauges_, limiter_,
                             breakers_, reception_, active_})),
        turning_([this] { loop_.Run(); }) {}

  ~RunningNode() override {
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
    loop_.Post([this] { loop_.Stop(); });
    turning_.join();
  }

  absl::Status Listen(const GrpcServerOptions& options) {
    auto server = StartGrpcServer(
        options, {{"holysheep.node.v1.LlmNode", node_service_.get()},
                  {"holysheep.node.v1.NodeAdmin", admin_service_.get()}});
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }

  absl::Status Reload(const Config& config) override {
    auto settings = ReceptionSettingsFrom(config);
    if (!settings.ok()) return settings.status();
    reception_.SetSettings(*std::move(settings));
    loop_.Post([this, options = ChainOptionsFrom(config)] {
      options_ = options;
      store_.SetBounds(options_.cache);
    });
    return absl::OkStatus();
  }

  void DrainAndStop() override {
    server_->SetServing(false);
    // The last call may leave only after this has given up waiting for it.
    const auto idle = std::make_shared<Event>();
    active_.Drain([idle] { idle->Set(); });
    idle->WaitFor(drain_timeout_);
    server_->Shutdown(kCancelGrace);
    server_.reset();
  }

 private:
  // The request path, in the order in which a call passes its layers.
  std::unique_ptr<ChatBackend> BuildChain() {
    // clang-format off
    return Meter(loop_, stats_,
           Expire(loop_,
           Cache(loop_, store_, options_.cache,
           Fallback(
           Conform(loop_,
           Retry(loop_, options_.retry, random_,
           Break(loop_, breakers_,
           Admit(loop_, limiter_, options_.admission, gauges_,
           Bill(loop_, ledger_,
           OpenAi(loop_, *transport_, options_.upstream))))))))));
    // clang-format on
  }

  AsioLoop loop_;
  ChainOptions options_;
  const absl::Duration drain_timeout_;
  absl::BitGen random_;
  const std::unique_ptr<HttpTransport> transport_;
  AnswerStore store_;
  BreakerBoard breakers_;
  Limiter limiter_;
  AdmissionGauges gauges_;
  CallStats stats_;
  UsageLedger ledger_;
  ActiveCalls active_;
  Reception reception_;
  const std::unique_ptr<CredentialCheck> credentials_;
  const std::unique_ptr<ChatBackend> chat_;
  const std::unique_ptr<grpc::Service> node_service_;
  const std::unique_ptr<grpc::Service> admin_service_;
  std::unique_ptr<GrpcServer> server_;
  std::thread turning_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> StartNode(const Config& config) {
  auto settings = ReceptionSettingsFrom(config);
  if (!settings.ok()) return settings.status();
  auto node = std::make_unique<RunningNode>(config, *std::move(settings));
  GrpcServerOptions options;
  options.address = config.listen.text;
  options.credentials = grpc::InsecureServerCredentials();
  if (absl::Status status = node->Listen(options); !status.ok()) return status;
  return node;
}

}  // namespace holysheep
