#include "rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "net/listener.h"
#include "rpc/anonymous_streams.h"
#include "rpc/async_call.h"
#include "rpc/completion_loop.h"
#include "rpc/health_service.h"
#include "rpc/reflection_service.h"

namespace holysheep {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

// The number of threads that take connections, one at a time each. As many
// clients can occupy them before new clients have to wait, until the first of
// them is cut off.
constexpr int kAcceptors = 4;

// The time for gRPC to tell clients why their calls have ended. Added to the
// grace: connections are cut only afterwards.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// How many calls each queue asks for in advance. A burst of more waits within
// gRPC for the few microseconds until the next is asked for.
constexpr int kCallsInAdvance = 64;

// The parts that outlive all calls.
struct ServerParts {
  // The services for everyone, in addition to those of the caller.
  std::unique_ptr<HealthService> health;
  std::vector<std::unique_ptr<RpcService>> reflection;
  absl::flat_hash_map<std::string, RpcMethod> methods;
  grpc::AsyncGenericService generic;
  std::vector<std::unique_ptr<CompletionLoop>> loops;
  ProvenPeers peers;
  std::deque<CallSource> sources;
  std::vector<OnConnection> takers;
};

// The order of Shutdown matters: the listener stops accepting first and will
// cut what floods, then gRPC's calls end, and the listener's threads, which
// call into gRPC, end last but for the completion loops: these serve the calls
// until the last one has ended, and gRPC's own work.
class RunningServer final : public GrpcServer {
 public:
  RunningServer(std::unique_ptr<ServerParts> parts,
                std::unique_ptr<grpc::Server> server)
      : parts_(std::move(parts)), server_(std::move(server)) {}

  // Has an effect only if the server never listened.
  ~RunningServer() override { EndCalls(absl::ZeroDuration()); }

  absl::Status Listen(const GrpcServerOptions& options, Worker& worker,
                      DroppedConnections& dropped) {
    ConnectionBounds bounds;
    bounds.connections = options.max_connections;
    bounds.unanswered = options.max_unanswered_bytes;
    auto listener =
        holysheep::Listen({options.address, options.unix_mode}, bounds, dropped,
                          parts_->peers, std::move(parts_->takers));
    if (!listener.ok()) return listener.status();
    listener_ = *std::move(listener);
    port_ = listener_->port();
    for (const auto& loop : parts_->loops) {
      const CallSource& source = parts_->sources.emplace_back(CallSource{
          parts_->generic, parts_->methods, *loop, worker, parts_->peers});
      for (int i = 0; i < kCallsInAdvance; ++i) AskForCall(source);
      loop->Start();
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void SetServing(bool serving) override {
    parts_->health->SetServing(serving);
  }

  bool IsWatched() const override { return parts_->health->IsWatched(); }

  void Shutdown(absl::Duration grace) override {
    if (listener_ == nullptr) return;
    listener_->EndAfter(grace + kFarewell);
    EndCalls(grace);
    listener_.reset();
  }

 private:
  void EndCalls(absl::Duration grace) {
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
    for (const auto& loop : parts_->loops) loop->End();
  }

  const std::unique_ptr<ServerParts> parts_;
  const std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
  int port_ = 0;
};

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// gRPC has no bound on most of these by default.
void SetBounds(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  builder.SetResourceQuota(
      grpc::ResourceQuota("connections").Resize(options.max_transit_bytes));
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_calls_of_connection},
      // Fixed windows, so that a client that may continue receives an update.
      {GRPC_ARG_HTTP2_BDP_PROBE, 0},
      {GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, options.window_bytes},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(options.handshake_timeout)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      // Clients may keep their connection alive by pings.
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000}};
  for (const auto& [name, value] : arguments) {
    builder.AddChannelArgument(name, value);
  }
}

void Add(RpcService& service, ServerParts& parts) {
  for (RpcMethod& method : service.methods()) {
    std::string path = absl::StrCat("/", service.name(), "/", method.name);
    parts.methods.emplace(std::move(path), std::move(method));
  }
}

void AddServices(const std::vector<RpcService*>& services, bool reflection,
                 ServerParts& parts) {
  std::vector<std::string> names;
  for (RpcService* service : services) {
    Add(*service, parts);
    names.push_back(service->name());
  }
  const auto streams = std::make_shared<StrangerStreams>();
  parts.health = NewHealthService(names, streams);
  Add(*parts.health, parts);
  if (!reflection) return;
  names.push_back(parts.health->name());
  parts.reflection = NewReflectionServices(std::move(names), streams);
  for (const auto& service : parts.reflection) Add(*service, parts);
}

std::vector<OnConnection> MakeAcceptors(const GrpcServerOptions& options,
                                        grpc::ServerBuilder& builder) {
  using Builder = grpc::ServerBuilder::experimental_type;
  std::vector<OnConnection> takers;
  for (int i = 0; i < kAcceptors; ++i) {
    const std::shared_ptr<Acceptor> acceptor =
        builder.experimental().AddExternalConnectionAcceptor(
            Builder::ExternalConnectionType::FROM_FD, options.credentials);
    takers.push_back([acceptor](const NewConnection& connection) {
      Acceptor::NewConnectionParameters parameters;
      parameters.listener_fd = connection.listener_fd;
      parameters.fd = connection.fd;
      acceptor->HandleNewConnection(&parameters);
    });
  }
  return takers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(
    const GrpcServerOptions& options, const std::vector<RpcService*>& services,
    Worker& worker, DroppedConnections& dropped) {
  // Never undone: the library's last user would wait for its threads, of which
  // one may go on looking after a write that had to wait, for 10 s (gRPC 1.51).
  grpc_init();
  grpc::ServerBuilder builder;
  SetBounds(options, builder);
  auto parts = std::make_unique<ServerParts>();
  parts->takers = MakeAcceptors(options, builder);
  AddServices(services, options.reflection, *parts);
  builder.RegisterAsyncGenericService(&parts->generic);
  for (int i = 0; i < options.threads; ++i) {
    parts->loops.push_back(
        std::make_unique<CompletionLoop>(builder.AddCompletionQueue()));
  }
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::InternalError("the gRPC server does not start");
  }
  auto running =
      std::make_unique<RunningServer>(std::move(parts), std::move(server));
  absl::Status listening = running->Listen(options, worker, dropped);
  if (!listening.ok()) return listening;
  return running;
}

}  // namespace holysheep
