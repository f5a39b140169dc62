#include "rpc/credential_call.h"

#include <memory>
#include <utility>

#include "holysheep/node/v1/node.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// A check that has been dropped writes no response.
class CredentialCall final : public LoopReactor {
 public:
  using LoopReactor::LoopReactor;

  void Start(CredentialChecks& checks, std::shared_ptr<const Caller> caller) {
    Begin([this, &checks, caller = std::move(caller)] {
      check_ = checks.Start(*caller, [this](const auto& found) {
        if (found.ok()) call().response() = Serialize(*found);
        FinishOnce(ToGrpcStatus(found.status()));
      });
    });
  }

 private:
  void Abandon() override {
    check_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  std::unique_ptr<ChatCall> check_;
};

}  // namespace

void StartCredentialCall(RpcCall& call, EventLoop& loop,
                         CredentialChecks& checks, ActiveCalls& calls,
                         std::shared_ptr<const Caller> caller) {
  (new CredentialCall(call, loop, calls))->Start(checks, std::move(caller));
}

}  // namespace holysheep
