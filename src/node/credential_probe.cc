#include "node/credential_probe.h"

#include <string>
#include <utility>

#include "holysheep/node/v1/node.pb.h"
#include "upstream/model_probe.h"

namespace holysheep {
// The probe lives in `upstream`, the interface in `intake`; neither may include
// the other, so the adapter is here.

namespace {

pb::ValidateCredentialsResponse OnWire(const ProbeResult& result) {
  using Hop = ProbeResult::FailedHop;
  using Wire = pb::ValidateCredentialsResponse;
  Wire response;
  response.set_ok(result.failed_hop == Hop::kNone);
  response.set_message(result.message);
  switch (result.failed_hop) {
    case Hop::kNone:
      response.set_failed_hop(Wire::NONE);
      break;
    case Hop::kUpstream:
      response.set_failed_hop(Wire::UPSTREAM);
      break;
    case Hop::kKey:
      response.set_failed_hop(Wire::KEY);
      break;
  }
  return response;
}

class ProbeCall final : public ChatCall {
 public:
  ProbeCall(ModelProbe& models, const std::string& key,
            CredentialCheck::Done done)
      : probe_(models.Start(
            key, [done = std::move(done)](ProbeResult result) mutable {
              done(OnWire(result), result.reason);
            })) {}

 private:
  const std::unique_ptr<Probe> probe_;
};

class CredentialProbe final : public CredentialCheck {
 public:
  CredentialProbe(EventLoop& loop, HttpTransport& transport,
                  const OpenAiOptions& options)
      : models_(loop, transport, options) {}

  std::unique_ptr<ChatCall> Start(const std::string& key, Done done) override {
    return std::make_unique<ProbeCall>(models_, key, std::move(done));
  }

 private:
  ModelProbe models_;
};

}  // namespace

std::unique_ptr<CredentialCheck> NewCredentialProbe(
    EventLoop& loop, HttpTransport& transport, const OpenAiOptions& options) {
  return std::make_unique<CredentialProbe>(loop, transport, options);
}

}  // namespace holysheep
