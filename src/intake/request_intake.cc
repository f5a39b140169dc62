#include "intake/request_intake.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "chat/cache_key.h"
#include "chat/sampling_plan.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/routing.h"
#include "intake/trace_context.h"

namespace holysheep {
// The order matters: authentication comes before the message is parsed, so that
// strangers cost little; routing before validation, which needs the model; the
// cache key last, because it covers the defaults.

namespace {

// Callers with an upstream key of their own share answers only with calls that
// use the same key.
CacheKey KeyFor(const ChatRequest& chat, const IntakeSettings& settings) {
  const pb::InvokeRequest& message = *chat.message;
  const Caller& caller = *chat.caller;
  if (message.cache().mode() == pb::CacheControl::BYPASS) return {};
  const std::string own_key =
      caller.upstream_key.empty() ? "" : Sha256(caller.upstream_key);
  KeyScope scope;
  scope.caller_scope = caller.scope;
  scope.upstream_key_sha256 =
      own_key.empty() ? settings.upstream_key_sha256 : own_key;
  scope.base_url = settings.base_url;
  scope.top_p_alone =
      chat.wire().exclusive && PlanSampling(chat).top_p.has_value();
  return MakeCacheKey(message, scope);
}

std::string TraceFor(Metadata metadata, const RequestLimits& limits) {
  const MetadataValues parent = metadata("traceparent");
  if (parent.size() != 1) return "";
  return ContinueTrace(parent[0], limits.new_request_id());
}

}  // namespace

RequestIntake::RequestIntake(const EventLoop& loop,
                             std::shared_ptr<const IntakeSettings> settings,
                             OnRefused on_refused)
    : loop_(loop),
      on_refused_(std::move(on_refused)),
      settings_(std::move(settings)) {}

void RequestIntake::SetSettings(
    std::shared_ptr<const IntakeSettings> settings) {
  const std::lock_guard lock(mutex_);
  settings_.swap(settings);
}

std::shared_ptr<const IntakeSettings> RequestIntake::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

absl::StatusOr<ChatRequest> RequestIntake::Receive(
    ReadRequest read, Metadata metadata, absl::Time client_deadline) const {
  const std::shared_ptr<const IntakeSettings> now = settings();
  const auto receive = [&]() -> absl::StatusOr<ChatRequest> {
    auto caller = now->authenticator->Authenticate(metadata, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    pb::InvokeRequest request;
    absl::Status whole = read(**caller, request);
    if (!whole.ok()) return whole;
    return Check(*now, *std::move(caller), std::move(request), client_deadline);
  };
  absl::StatusOr<ChatRequest> chat = receive();
  if (chat.ok()) {
    chat->traceparent = TraceFor(metadata, now->limits);
  } else {
    on_refused_(chat.status());
  }
  return chat;
}

absl::StatusOr<ChatRequest> RequestIntake::ReceiveFrom(
    std::shared_ptr<const Caller> caller, pb::InvokeRequest request,
    absl::Time client_deadline) const {
  auto chat = Check(*settings(), std::move(caller), std::move(request),
                    client_deadline);
  if (!chat.ok()) on_refused_(chat.status());
  return chat;
}

absl::StatusOr<ChatRequest> RequestIntake::Check(
    const IntakeSettings& now, std::shared_ptr<const Caller> caller,
    pb::InvokeRequest&& request, absl::Time client_deadline) const {
  ChatRequest chat;
  chat.arrived = loop_.Now();
  chat.caller = std::move(caller);
  auto routing = RouteModel(*now.catalog, now.limits.routing, request);
  if (!routing.ok()) return routing.status();
  chat.routing = *std::move(routing);
  auto message = ValidateRequest(std::move(request), *now.catalog, now.limits,
                                 &chat.set_by_caller);
  if (!message.ok()) return message.status();
  chat.message = *std::move(message);
  chat.app = now.apps.Find(chat.message->caller().app_id());
  chat.catalog = now.catalog;
  chat.target = now.catalog->TargetFor(chat.message->model());
  const pb::Timeouts& timeouts = chat.message->timeouts();
  const absl::Duration total = timeouts.has_total_ms()
                                   ? absl::Milliseconds(timeouts.total_ms())
                                   : absl::InfiniteDuration();
  chat.deadline = std::make_shared<Deadline>(
      Deadline{std::min(client_deadline, chat.arrived + total)});
  if (now.cache_enabled) {
    chat.key = KeyFor(chat, now);
  }
  return chat;
}

absl::StatusOr<std::shared_ptr<const Caller>> RequestIntake::Identify(
    Metadata metadata, Role role) const {
  auto caller = settings()->authenticator->Authenticate(metadata, role);
  if (!caller.ok()) on_refused_(caller.status());
  return caller;
}

}  // namespace holysheep
