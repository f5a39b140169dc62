#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/worker.h"
#include "net/proven_peers.h"
#include "rpc/completion_loop.h"
#include "rpc/rpc_call.h"

namespace grpc {
class AsyncGenericService;
}  // namespace grpc

namespace holysheep {

// Calls on gRPC's asynchronous API (docs/adr/0021): a call is asked for in
// advance, and what happens to it is reported through a completion queue. All
// methods are served by gRPC's generic service, as streams of packed messages:
// only so does a call come here whose request is missing.

// Messages of more bytes are handled on a worker's thread. To parse and check
// one of this size takes a millisecond at most (JSON with many members), in
// which the queue's thread answers nobody else.
inline constexpr size_t kLargeMessageBytes = 32 << 10;

// A method of a service.
struct RpcMethod {
  // As in its proto file, such as `Invoke`.
  std::string name;
  // Receives a call: finishes it, or leaves a reactor behind. Runs on the
  // queue's thread, on which it must not take long; with a large request on a
  // worker's.
  std::function<void(RpcCall&)> handle;
  // Whether requests are a stream. Otherwise the request is read first.
  bool streams_requests = false;
  // Whether `handle` may take long with any request, and runs on a worker.
  bool takes_long = false;
};

// A service, which lives as long as the server.
class RpcService {
 public:
  virtual ~RpcService() = default;

  // As in its proto file, such as `holysheep.node.v1.LlmNode`.
  virtual std::string name() const = 0;
  // Called once, before the server starts.
  virtual std::vector<RpcMethod> methods() = 0;
};

// Where the calls of one queue come from and what handles them. Must not change
// while calls are asked for.
struct CallSource {
  grpc::AsyncGenericService& generic;
  // By path, such as `/holysheep.node.v1.LlmNode/Invoke`. Others are
  // UNIMPLEMENTED.
  const absl::flat_hash_map<std::string, RpcMethod>& methods;
  CompletionLoop& loop;
  Worker& worker;
  // Hears whose callers are known.
  ProvenPeers& peers;
};

// Asks for one call, and for the next one whenever a call has come, until the
// server ends. Calls that nobody has asked for yet wait within gRPC. `source`
// must outlive its loop. Call it after the server has started, and before its
// end has begun.
void AskForCall(const CallSource& source);

}  // namespace holysheep
