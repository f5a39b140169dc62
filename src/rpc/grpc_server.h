#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/dropped_connections.h"

namespace grpc {
class ServerCredentials;
class Service;
}  // namespace grpc

namespace holysheep {

struct GrpcServerOptions {
  // host:port, [v6]:port or unix:/path; port 0 is any free one.
  std::string address;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // A larger message is refused by gRPC itself, without a reason; it has been
  // received by then all the same. wire.h has the bound of what is taken.
  int max_message_bytes = 256 << 20;
  // What all connections together keep in memory of messages that are on
  // their way. Beyond it gRPC cancels calls and closes idle connections.
  size_t max_transit_bytes = 256 << 20;
  // More connections are closed at once.
  size_t max_connections = 4096;
  // What a client may send on a stream before it is told to go on.
  int window_bytes = 1 << 20;
  // A client that sends more without hearing anything for 0.3 s is left: its
  // headers do not end. Uploads come to 1 MiB, many at once to 3 MiB.
  size_t max_unanswered_bytes = 4 << 20;
  // Calls under way on one connection; more wait at the client.
  int max_calls_of_connection = 10'000;
  // Whether clients may ask for the API.
  bool reflection = true;
  // Until TLS and HTTP/2 have been agreed upon.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // How often a silent client is asked for a sign of life, and how long it may
  // take to give one.
  absl::Duration keepalive = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
};

struct NamedService {
  // As in its proto file, such as `holysheep.node.v1.LlmNode`.
  std::string name;
  grpc::Service* service;
};

// A listening gRPC server with health (grpc.health.v1) and reflection
// (grpc.reflection.v1 and v1alpha). It unpacks no compressed messages, which
// are answered UNIMPLEMENTED: a stranger would choose how large they become.
class GrpcServer {
 public:
  virtual ~GrpcServer() = default;

  // The port listened on; 0 for a Unix socket.
  virtual int port() const = 0;

  // Turns health to NOT_SERVING (or back) for the server and each service.
  virtual void SetServing(bool serving) = 0;

  // Whether a client watches the health, to turn to another instance when it
  // is bad.
  virtual bool IsWatched() const = 0;

  // Stops listening; calls that have not ended after `grace` are cancelled.
  // Blocks until all have ended.
  virtual void Shutdown(absl::Duration grace) = 0;
};

// Starts to serve `services`. They must outlive the server, and so must
// `dropped`, which counts the connections that it ends. UNAVAILABLE, with the
// address, if that cannot be listened on.
absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(
    const GrpcServerOptions& options, const std::vector<NamedService>& services,
    DroppedConnections& dropped);

}  // namespace holysheep
