#include "server/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/health_service.h"

namespace holysheep {
namespace {

class RunningServer final : public GrpcServer {
 public:
  RunningServer(std::unique_ptr<HealthService> health,
                std::unique_ptr<grpc::Server> server, int port)
      : health_(std::move(health)), server_(std::move(server)), port_(port) {}

  int port() const override { return port_; }

  void SetServing(bool serving) override { health_->SetServing(serving); }

  bool IsWatched() const override { return health_->IsWatched(); }

  void Shutdown(absl::Duration grace) override {
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
  }

 private:
  const std::unique_ptr<HealthService> health_;
  const std::unique_ptr<grpc::Server> server_;
  const int port_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(
    const GrpcServerOptions& options,
    const std::vector<NamedService>& services) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.address, options.credentials, &port);
  // Two processes on one port would share its calls unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  std::vector<std::string> names;
  for (const NamedService& service : services) {
    builder.RegisterService(service.service);
    names.push_back(service.name);
  }
  auto health = NewHealthService(std::move(names));
  builder.RegisterService(&health->service());
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options.address,
        ": is the port in use, or the address not this machine's?"));
  }
  return std::make_unique<RunningServer>(std::move(health), std::move(server),
                                         port);
}

}  // namespace holysheep
