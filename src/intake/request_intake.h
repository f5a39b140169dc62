#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "intake/caller.h"
#include "intake/validation.h"
#include "policy/catalog.h"

namespace holysheep {

// What a reload may change about the way in.
struct IntakeSettings {
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<const Authenticator> authenticator;
  RequestLimits limits;
  // The upstream and the service's key there, as far as the cache key goes.
  std::string base_url;
  std::string upstream_key_sha256;
  bool cache_enabled = true;
};

// The way in: turns what arrives by RPC into a call that the layers can take,
// or says what is wrong with it. Thread-safe.
class RequestIntake {
 public:
  // Hears why a call was turned away. Thread-safe.
  using OnRefused = std::function<void(const absl::Status&)>;

  RequestIntake(const EventLoop& loop,
                std::shared_ptr<const IntakeSettings> settings,
                OnRefused on_refused);

  // Holds for the calls that arrive from now on.
  void SetSettings(std::shared_ptr<const IntakeSettings> settings);
  std::shared_ptr<const IntakeSettings> settings() const;

  // Parses a request into an empty message, or returns what is wrong with it.
  using ReadRequest = absl::FunctionRef<absl::Status(pb::InvokeRequest&)>;

  // Authenticates, calls `read` once the caller may invoke, validates, fills
  // the defaults and makes the cache key. `client_deadline` is the call's own,
  // on the loop's clock.
  absl::StatusOr<ChatRequest> Receive(ReadRequest read, Metadata metadata,
                                      absl::Time client_deadline) const;

  // The same for one of many requests that come with one RPC, whose caller is
  // known already.
  absl::StatusOr<ChatRequest> ReceiveFrom(std::shared_ptr<const Caller> caller,
                                          pb::InvokeRequest request,
                                          absl::Time client_deadline) const;

  // Who calls, if they may act as `role`.
  absl::StatusOr<std::shared_ptr<const Caller>> Identify(Metadata metadata,
                                                         Role role) const;

 private:
  absl::StatusOr<ChatRequest> Check(const IntakeSettings& now,
                                    std::shared_ptr<const Caller> caller,
                                    pb::InvokeRequest&& request,
                                    absl::Time client_deadline) const;

  const EventLoop& loop_;
  const OnRefused on_refused_;
  mutable std::mutex mutex_;
  std::shared_ptr<const IntakeSettings> settings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
