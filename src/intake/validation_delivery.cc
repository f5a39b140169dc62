#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "intake/validation_checks.h"

// Checks how and for whom a request is carried out, rather than its content.
namespace holysheep {
namespace {

// Each bound is far above what a client needs, and keeps a request from growing
// where nobody looks: 8 models, a year, names of a line.
constexpr int kMaxFallbacks = 8;
constexpr int32_t kMaxTtlSeconds = 31'536'000;
constexpr size_t kMaxModelBytes = 256;
constexpr size_t kMaxNamespaceBytes = 256;
constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxUserBytes = 512;
constexpr int kMaxTags = 16;
constexpr size_t kMaxTagBytes = 64;

absl::Status CheckModel(const FieldPath& path, absl::string_view model) {
  absl::Status status = CheckNotBlank(path, model);
  status.Update(CheckLength(path, model, kMaxModelBytes));
  return status;
}

absl::Status CheckFallbacks(const pb::InvokeRequest& request) {
  absl::flat_hash_set<absl::string_view> seen;
  absl::Status status =
      CheckCount(FieldPath("fallback_models"), request.fallback_models_size(),
                 kMaxFallbacks);
  for (int i = 0; status.ok() && i < request.fallback_models_size(); ++i) {
    const std::string& model = request.fallback_models(i);
    const FieldPath path("fallback_models", i);
    status = CheckModel(path, model);
    if (status.ok() && !seen.insert(model).second) {
      return Refuse(path, absl::StrCat("must be distinct, but ", Shown(model),
                                       " occurs twice"));
    }
  }
  return status;
}

absl::Status CheckCache(const pb::CacheControl& cache) {
  const FieldPath path("cache");
  if (!pb::CacheControl::Mode_IsValid(cache.mode())) {
    return Refuse({path, "mode"},
                  absl::StrCat("must be DEFAULT, BYPASS, REFRESH or "
                               "ONLY_IF_CACHED, is ",
                               static_cast<int>(cache.mode())));
  }
  absl::Status status =
      CheckLength({path, "namespace"}, cache.namespace_(), kMaxNamespaceBytes);
  if (cache.has_ttl_seconds()) {
    status.Update(CheckRange({path, "ttl_seconds"}, cache.ttl_seconds(), 1,
                             kMaxTtlSeconds));
  }
  return status;
}

absl::Status CheckTimeouts(const pb::Timeouts& timeouts) {
  const FieldPath path("timeouts");
  absl::Status status;
  if (timeouts.has_total_ms()) {
    status.Update(CheckAtLeast(1, {path, "total_ms"}, timeouts.total_ms()));
  }
  if (timeouts.has_first_token_ms()) {
    status.Update(
        CheckAtLeast(1, {path, "first_token_ms"}, timeouts.first_token_ms()));
  }
  if (timeouts.has_idle_ms()) {
    status.Update(CheckAtLeast(1, {path, "idle_ms"}, timeouts.idle_ms()));
  }
  if (timeouts.has_queue_ms()) {
    status.Update(CheckAtLeast(0, {path, "queue_ms"}, timeouts.queue_ms()));
  }
  return status;
}

absl::Status CheckTags(const pb::InvokeRequest& request) {
  absl::Status status =
      CheckCount(FieldPath("tags"), request.tags_size(), kMaxTags);
  for (int i = 0; status.ok() && i < request.tags_size(); ++i) {
    const FieldPath path("tags", i);
    status = CheckNotBlank(path, request.tags(i));
    status.Update(CheckLength(path, request.tags(i), kMaxTagBytes));
  }
  return status;
}

absl::Status CheckRequestId(absl::string_view id) {
  const FieldPath path("request_id");
  if (!std::all_of(id.begin(), id.end(), absl::ascii_isprint)) {
    return Refuse(path,
                  absl::StrCat("must be printable ASCII, is ", Shown(id)));
  }
  return CheckLength(path, id, kMaxRequestIdBytes);
}

absl::Status CheckCaller(const pb::CallerInfo& caller) {
  const FieldPath path("caller");
  absl::Status status;
  status.Update(CheckLength({path, "source"}, caller.source(), kMaxLabelBytes));
  status.Update(CheckLength({path, "app_id"}, caller.app_id(), kMaxLabelBytes));
  status.Update(CheckLength({path, "conversation_id"}, caller.conversation_id(),
                            kMaxLabelBytes));
  status.Update(
      CheckLength({path, "message_id"}, caller.message_id(), kMaxLabelBytes));
  status.Update(CheckLength({path, "plugin_version"}, caller.plugin_version(),
                            kMaxLabelBytes));
  return status;
}

}  // namespace

absl::Status CheckDelivery(const ValidationContext& context) {
  const pb::InvokeRequest& request = context.request;
  absl::Status status = CheckModel(FieldPath("model"), request.model());
  status.Update(CheckFallbacks(request));
  status.Update(CheckCache(request.cache()));
  if (request.has_max_attempts()) {
    status.Update(CheckRange(FieldPath("max_attempts"), request.max_attempts(),
                             1, context.limits.max_attempts));
  }
  status.Update(CheckTimeouts(request.timeouts()));
  status.Update(CheckRequestId(request.request_id()));
  status.Update(CheckLength(FieldPath("user"), request.user(), kMaxUserBytes));
  status.Update(CheckCaller(request.caller()));
  status.Update(CheckTags(request));
  return status;
}

}  // namespace holysheep
