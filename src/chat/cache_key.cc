#include "chat/cache_key.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"

namespace holysheep {
namespace {

// Increase it when answers stored under the rules of an older version must not
// be given any more: caches outlive processes. It is the first field of the
// material.
constexpr absl::string_view kContractVersion = "holysheep.node.v1/1";

// The length before each field separates fields that would read the same when
// strung together.
void AppendField(absl::string_view field, std::string& material) {
  absl::StrAppend(&material, field.size(), ":", field);
}

// Text that is not JSON is left unchanged, and then compared byte by byte.
void Canonicalize(std::string& json) {
  if (json.empty()) return;
  absl::StatusOr<std::string> canonical = CanonicalJson(json);
  if (canonical.ok()) json = *std::move(canonical);
}

void CanonicalizeJsonFields(pb::InvokeRequest& request) {
  for (pb::Tool& tool : *request.mutable_tools()) {
    Canonicalize(*tool.mutable_parameters_json());
  }
  for (pb::Message& message : *request.mutable_messages()) {
    Canonicalize(*message.mutable_opaque_json());
    for (pb::Part& part : *message.mutable_parts()) {
      if (!part.cache_control_json().empty()) {
        Canonicalize(*part.mutable_cache_control_json());
      }
    }
    for (pb::ToolCall& call : *message.mutable_tool_calls()) {
      Canonicalize(*call.mutable_arguments_json());
    }
  }
  if (request.has_response_format()) {
    Canonicalize(*request.mutable_response_format()->mutable_schema_json());
  }
  if (!request.extra_params_json().empty()) {
    Canonicalize(*request.mutable_extra_params_json());
  }
}

// A field may be cleared here only if no value of it can change the answer.
// Fields that are forgotten here cost hits; fields cleared wrongly give wrong
// answers.
void ClearWhatTheKeyLeavesOut(pb::InvokeRequest& request) {
  request.clear_user();
  request.clear_caller();
  request.clear_request_id();
  request.clear_timeouts();
  request.clear_max_attempts();
  request.clear_fallback_models();
  request.clear_cache();
  request.clear_tags();
}

// Deterministic within one build of protobuf: another build may miss what an
// older one stored, but never finds a wrong answer.
void AppendRequest(const pb::InvokeRequest& request, std::string& material) {
  const size_t size = request.ByteSizeLong();
  absl::StrAppend(&material, size, ":");
  material.reserve(material.size() + size);
  google::protobuf::io::StringOutputStream stream(&material);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  request.SerializeWithCachedSizes(&coded);
}

}  // namespace

CacheKey MakeCacheKey(const pb::InvokeRequest& valid, const KeyScope& scope) {
  // The changed copy is on the stack unless it is large.
  alignas(8) char block[2048];
  google::protobuf::Arena arena(block, sizeof(block));
  auto& request =
      *google::protobuf::Arena::CreateMessage<pb::InvokeRequest>(&arena);
  request = valid;
  ClearWhatTheKeyLeavesOut(request);
  CanonicalizeJsonFields(request);

  auto material = std::make_shared<std::string>();
  AppendField(kContractVersion, *material);
  AppendField(scope.base_url, *material);
  AppendField(scope.caller_scope, *material);
  AppendField(scope.upstream_key_sha256, *material);
  AppendField(valid.cache().namespace_(), *material);
  AppendRequest(request, *material);
  if (scope.top_p_alone) AppendField("top_p", *material);

  CacheKey key;
  key.digest = Sha256(*material);
  key.material = std::move(material);
  return key;
}

}  // namespace holysheep
