#include "rpc/credential_call.h"

#include <memory>
#include <utility>

#include "holysheep/node/v1/node.pb.h"
#include "rpc/loop_reactor.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// The check is the last member, so that it is cancelled before the response it
// would write is gone.
class CredentialCall final : public LoopReactor<grpc::ServerUnaryReactor> {
 public:
  CredentialCall(EventLoop& loop, ActiveCalls& calls,
                 grpc::ByteBuffer* response)
      : LoopReactor(loop, calls), response_(*response) {}

  void Start(CredentialCheck& check, std::string key) {
    Begin([this, &check, key = std::move(key)] {
      call_ = check.Start(key, [this](const auto& found, absl::string_view) {
        response_ = Serialize(found);
        FinishOnce(grpc::Status::OK);
      });
    });
  }

 private:
  void Abandon() override {
    call_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  grpc::ByteBuffer& response_;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

grpc::ServerUnaryReactor* NewCredentialCall(EventLoop& loop,
                                            CredentialCheck& check,
                                            ActiveCalls& calls, std::string key,
                                            grpc::ByteBuffer* response) {
  auto* call = new CredentialCall(loop, calls, response);
  call->Start(check, std::move(key));
  return call;
}

}  // namespace holysheep
