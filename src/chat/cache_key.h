#pragma once

#include "absl/strings/string_view.h"
#include "chat/backend.h"

namespace holysheep {

// The scope of an answer, in addition to the request itself. The views must
// outlive the call.
struct KeyScope {
  // Caller::scope.
  absl::string_view caller_scope;
  // The hash of the upstream key that the call will use; the key itself must
  // not get into the material, which is stored.
  absl::string_view upstream_key_sha256;
  absl::string_view base_url;
  // Whether the model takes one of temperature and top_p, and is sent top_p
  // because the caller has set only that. The request shows the values of both,
  // but not which of them are defaults.
  bool top_p_alone = false;
};

// Returns the key of a validated request. Two requests have equal keys only if
// they ask the same upstream for the same thing in the same scope. Prompts
// count byte by byte, JSON fields without regard to the order of members, and
// fields that this version does not know count as well. Fields that cannot
// change the answer do not count: user, caller, request_id, timeouts,
// max_attempts, fallback_models and all of cache but its namespace.
// Thread-safe. Takes time linear in the request; JSON inside is put into
// canonical form.
CacheKey MakeCacheKey(const pb::InvokeRequest& valid, const KeyScope& scope);

}  // namespace holysheep
