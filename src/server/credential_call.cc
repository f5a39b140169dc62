#include "server/credential_call.h"

#include <memory>
#include <utility>

#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

// Lives and dies on the loop, as the other reactors do.
class CredentialCall final : public grpc::ServerUnaryReactor {
 public:
  CredentialCall(EventLoop& loop, ActiveCalls& calls,
                 pb::ValidateCredentialsResponse* response)
      : loop_(loop), calls_(calls), response_(*response) {}

  void Begin(CredentialCheck& check, std::string key) {
    loop_.Post([this, &check, key = std::move(key)] {
      if (finished_) return;
      call_ = check.Start(key,
                          [this](const pb::ValidateCredentialsResponse& found) {
                            response_ = found;
                            FinishOnce(grpc::Status::OK);
                          });
    });
  }

 private:
  void OnCancel() override {
    loop_.Post([this] {
      call_.reset();
      FinishOnce(grpc::Status::CANCELLED);
    });
  }
  void OnDone() override {
    loop_.Post([this] {
      ActiveCalls& calls = calls_;
      delete this;
      calls.Leave();
    });
  }

  void FinishOnce(const grpc::Status& status) {
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  EventLoop& loop_;
  ActiveCalls& calls_;
  pb::ValidateCredentialsResponse& response_;
  bool finished_ = false;
  std::unique_ptr<ChatCall> call_;
};

}  // namespace

grpc::ServerUnaryReactor* NewCredentialCall(
    EventLoop& loop, CredentialCheck& check, ActiveCalls& calls,
    std::string key, pb::ValidateCredentialsResponse* response) {
  auto* call = new CredentialCall(loop, calls, response);
  call->Begin(check, std::move(key));
  return call;
}

}  // namespace holysheep
