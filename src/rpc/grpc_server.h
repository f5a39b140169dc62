#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/dropped_connections.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace holysheep {

class RpcService;
class Worker;

// Address and bounds of the server. Fixed for the life of the server. Those
// that the configuration does not set have the values below.
struct GrpcServerOptions {
  // host:port, [v6]:port or unix:/path; port 0 is any free one.
  std::string address;
  // The permissions of a Unix socket's file: who may write may connect. Set by
  // `unix_socket_mode`.
  mode_t unix_mode = 0600;
  // See tls_credentials.h. Must be set.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // gRPC itself refuses larger messages, without a reason, but has received
  // them by then. wire.h has the bound of what is accepted.
  int max_message_bytes = 256 << 20;
  // The memory of all connections for messages that are being received. Beyond
  // it gRPC cancels calls and closes idle connections.
  size_t max_transit_bytes = 256 << 20;
  // Further connections are closed at once.
  size_t max_connections = 4096;
  // The bytes that a client may send on a stream without a window update.
  int window_bytes = 1 << 20;
  // A client that sends more without an answer for 0.3 s is disconnected,
  // because its headers do not end. Uploads reach 1 MiB, many at once 3 MiB.
  size_t max_unanswered_bytes = 4 << 20;
  // Running calls on one connection; further ones wait in the client.
  int max_calls_of_connection = 10'000;
  // The threads that do gRPC's work and run the handlers, each with a
  // completion queue of its own. One is the cheapest (docs/adr/0021).
  int threads = 1;
  // Whether clients may use reflection. Set by `reflection`; clients such as
  // grpcurl need it.
  bool reflection = true;
  // The time limit for TLS and HTTP/2 to be negotiated.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // How often a silent client is pinged, and how long it may take to reply.
  absl::Duration keepalive = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
};

// A listening gRPC server with health (grpc.health.v1) and reflection
// (grpc.reflection.v1 and v1alpha). Compressed messages are answered with
// UNIMPLEMENTED: otherwise any client could choose how large they become.
class GrpcServer {
 public:
  // Call Shutdown first.
  virtual ~GrpcServer() = default;

  // The port that is listened on; 0 for a Unix socket.
  virtual int port() const = 0;

  // Sets the health of the server and of each service to NOT_SERVING, or back.
  // Thread-safe.
  virtual void SetServing(bool serving) = 0;

  // Whether a client watches the health, in order to switch to another instance
  // when it becomes bad. Thread-safe.
  virtual bool IsWatched() const = 0;

  // Stops listening, and cancels calls that have not ended after `grace`.
  // Blocks until all have ended. Further calls do nothing. Not to be called
  // from a handler.
  virtual void Shutdown(absl::Duration grace) = 0;
};

// Starts to serve `services`, whose names health and reflection know. Large
// messages are handled on `worker` (async_call.h). These and `dropped`, which
// counts the connections that are ended, must outlive the server. Returns
// UNAVAILABLE, with the address, if that cannot be listened on.
absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(
    const GrpcServerOptions& options, const std::vector<RpcService*>& services,
    Worker& worker, DroppedConnections& dropped);

}  // namespace holysheep
