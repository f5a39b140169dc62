#include "rpc/rpc_context.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <chrono>

#include "base/errors.h"
#include "rpc/status.h"

namespace holysheep {
namespace {

// Returns the name in the client's verified certificate: its common name or, if
// it has none, its first DNS name.
MetadataValues PeerNames(const grpc::ServerContext& context) {
  const auto peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return {};
  for (const char* kind :
       {GRPC_X509_CN_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : peer->FindPropertyValues(kind)) {
      // Valid as long as the connection, and so as the context.
      if (!name.empty()) return {absl::string_view(name.data(), name.size())};
    }
  }
  return {};
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
