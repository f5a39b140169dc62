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
#include "intake/apps.h"
#include "intake/caller.h"
#include "intake/validation.h"
#include "policy/catalog.h"

namespace holysheep {

// The settings of the intake that a reload may change.
struct IntakeSettings {
  // Calls that are running keep the one they began with.
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<const Authenticator> authenticator;
  Apps apps;
  RequestLimits limits;
  // The upstream and the hash of the service's key, which are part of the cache
  // key. Answers of different upstreams never meet in the cache.
  std::string base_url;
  std::string upstream_key_sha256;
  // Without the cache no key is made, which saves its hash.
  bool cache_enabled = true;
};

// Turns a request that arrives by RPC into a call that the layers accept, or
// says what is wrong with it. Thread-safe.
class RequestIntake {
 public:
  // Receives the error of every refused call. Thread-safe. Called on the thread
  // of the call.
  using OnRefused = std::function<void(const absl::Status&)>;

  // `loop` gives the time of arrival, and must outlive the intake.
  RequestIntake(const EventLoop& loop,
                std::shared_ptr<const IntakeSettings> settings,
                OnRefused on_refused);

  // Applies to the calls that arrive from now on.
  void SetSettings(std::shared_ptr<const IntakeSettings> settings);
  // A snapshot: it stays the same for the whole of a call.
  std::shared_ptr<const IntakeSettings> settings() const;

  // Parses a request of a caller into an empty message, or returns what is
  // wrong with it.
  using ReadRequest =
      absl::FunctionRef<absl::Status(const Caller&, pb::InvokeRequest&)>;

  // Authenticates the caller, calls `read` if the caller may invoke, validates
  // the request, fills in the defaults and makes the cache key.
  // `client_deadline` is the deadline of the RPC on the loop's clock. Errors
  // are those of Authenticate, `read`, RouteModel and ValidateRequest.
  absl::StatusOr<ChatRequest> Receive(ReadRequest read, Metadata metadata,
                                      absl::Time client_deadline) const;

  // The same for one of many requests of an RPC, whose caller is known already.
  absl::StatusOr<ChatRequest> ReceiveFrom(std::shared_ptr<const Caller> caller,
                                          pb::InvokeRequest request,
                                          absl::Time client_deadline) const;

  // Returns the caller, if they may act as `role`.
  absl::StatusOr<std::shared_ptr<const Caller>> Identify(Metadata metadata,
                                                         Role role) const;

 private:
  // What Receive and ReceiveFrom have in common: model, fields, deadline, key.
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
