#include "rpc/credential_call.h"

#include <memory>
#include <utility>

#include "holysheep/node/v1/node.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// A check that has been dropped writes no response.
class CredentialCall final : public LoopReactor {
 public:
  using LoopReactor::LoopReactor;

  void Start(CredentialCheck& check, std::string key) {
    Begin([this, &check, key = std::move(key)] {
      check_ = check.Start(key, [this](const auto& found, absl::string_view) {
        call().response() = Serialize(found);
        FinishOnce(grpc::Status::OK);
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

void StartCredentialCall(RpcCall& call, EventLoop& loop, CredentialCheck& check,
                         ActiveCalls& calls, std::string key) {
  (new CredentialCall(call, loop, calls))->Start(check, std::move(key));
}

}  // namespace holysheep
