#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// Lower-case names and trimmed values, as HttpObserver::OnHeaders gives them.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of the header `name`; empty if there is none.
absl::string_view HeaderValue(const HttpHeaders& headers,
                              absl::string_view name);

// When the upstream wants to be asked again, 0 to 24 h from `now`; none if it
// does not say. Understands Retry-After (seconds or a date), retry-after-ms
// and x-ratelimit-reset-* of limits that are not known to have room.
std::optional<absl::Duration> RetryAfter(const HttpHeaders& headers,
                                         absl::Time now);

}  // namespace holysheep
