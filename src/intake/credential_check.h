#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "chat/backend.h"

namespace holysheep {

namespace node::v1 {
class ValidateCredentialsResponse;
}  // namespace node::v1

// Finds out, free of cost, whether the upstream answers and accepts a key. Loop
// thread only. Implemented by node/credential_probe.h, so that the intake needs
// no HTTP.
class CredentialCheck {
 public:
  // Receives the result, which contains the upstream's own words, and the name
  // of its reason, which contains none; empty if all is well.
  using Done = absl::AnyInvocable<void(const pb::ValidateCredentialsResponse&,
                                       absl::string_view reason)>;

  virtual ~CredentialCheck() = default;

  // Checks `key`, or the service's own if that is empty. Calls `done` once,
  // after it has returned, unless the returned call is destroyed first; `done`
  // may destroy it. Destroying the returned call cancels the check.
  virtual std::unique_ptr<ChatCall> Start(const std::string& key,
                                          Done done) = 0;
};

}  // namespace holysheep
