#include "rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "absl/time/clock.h"
#include "net/listener.h"
#include "rpc/anonymous_streams.h"
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

// The services for everyone, in addition to those of the caller.
struct PublicServices {
  std::unique_ptr<HealthService> health;
  std::unique_ptr<ReflectionService> reflection;  // may be null
};

// The order of Shutdown matters: the listener stops accepting first and will
// cut what floods, then gRPC's calls end, and the listener's threads, which
// call into gRPC, end last.
class RunningServer final : public GrpcServer {
 public:
  RunningServer(PublicServices services, std::unique_ptr<grpc::Server> server,
                std::unique_ptr<Listener> listener)
      : services_(std::move(services)),
        server_(std::move(server)),
        listener_(std::move(listener)),
        port_(listener_->port()) {}

  int port() const override { return port_; }

  void SetServing(bool serving) override {
    services_.health->SetServing(serving);
  }

  bool IsWatched() const override { return services_.health->IsWatched(); }

  void Shutdown(absl::Duration grace) override {
    if (listener_ == nullptr) return;
    listener_->EndAfter(grace + kFarewell);
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
    listener_.reset();
  }

 private:
  const PublicServices services_;
  const std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
  const int port_;
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

PublicServices AddServices(const std::vector<NamedService>& services,
                           bool reflection, grpc::ServerBuilder& builder) {
  std::vector<std::string> names;
  for (const NamedService& service : services) {
    builder.RegisterService(service.service);
    names.push_back(service.name);
  }
  PublicServices all;
  const auto streams = std::make_shared<StrangerStreams>();
  all.health = NewHealthService(names, streams);
  builder.RegisterService(&all.health->service());
  if (!reflection) return all;
  names.emplace_back("grpc.health.v1.Health");
  all.reflection = NewReflectionService(std::move(names), streams);
  for (grpc::Service* service : all.reflection->services()) {
    builder.RegisterService(service);
  }
  return all;
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
    const GrpcServerOptions& options, const std::vector<NamedService>& services,
    DroppedConnections& dropped) {
  // Never undone: the library's last user would wait for its threads, of which
  // one may go on looking after a write that had to wait, for 10 s (gRPC 1.51).
  grpc_init();
  grpc::ServerBuilder builder;
  SetBounds(options, builder);
  std::vector<OnConnection> takers = MakeAcceptors(options, builder);
  PublicServices all = AddServices(services, options.reflection, builder);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::InternalError("the gRPC server does not start");
  }
  ConnectionBounds bounds;
  bounds.connections = options.max_connections;
  bounds.unanswered = options.max_unanswered_bytes;
  auto listener = Listen(options.address, bounds, dropped, std::move(takers));
  if (!listener.ok()) return listener.status();
  return std::make_unique<RunningServer>(std::move(all), std::move(server),
                                         *std::move(listener));
}

}  // namespace holysheep
