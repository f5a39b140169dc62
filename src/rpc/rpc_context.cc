#include "rpc/rpc_context.h"

#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <chrono>

#include "base/errors.h"
#include "rpc/status.h"

namespace holysheep {
namespace {

// Returns the first name in the client's verified certificate: a subject
// alternative name if there is one, otherwise the common name.
MetadataValues PeerNames(const grpc::ServerContext& context) {
  MetadataValues values;
  const auto peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return values;
  for (const grpc::string_ref& name : peer->GetPeerIdentity()) {
    if (name.empty()) continue;
    // Valid as long as the connection, and so as the context.
    values.emplace_back(name.data(), name.size());
    break;
  }
  return values;
}

}  // namespace

MetadataValues FindMetadata(const grpc::ServerContext& context,
                            absl::string_view name) {
  if (name == kPeerName) return PeerNames(context);
  MetadataValues values;
  const auto range = context.client_metadata().equal_range(
      grpc::string_ref(name.data(), name.size()));
  for (auto entry = range.first; entry != range.second; ++entry) {
    values.emplace_back(entry->second.data(), entry->second.size());
  }
  return values;
}

// The remaining time is what both clocks agree on.
absl::Time DeadlineOf(const grpc::ServerContext& context,
                      const EventLoop& loop) {
  using Clock = std::chrono::system_clock;
  const Clock::time_point deadline = context.deadline();
  if (deadline == Clock::time_point::max()) return absl::InfiniteFuture();
  return loop.Now() + absl::FromChrono(deadline - Clock::now());
}

void NoteCaller(RpcCall& call, const absl::Status& received) {
  if (!absl::IsUnauthenticated(received)) call.SetAuthenticated();
}

void FinishNow(RpcCall& call, const absl::Status& status) {
  call.Finish(ToGrpcStatus(status));
}

absl::Status DrainingError() {
  return MakeError(Reason::kDraining,
                   "this instance is shutting down; call another one");
}

}  // namespace holysheep
