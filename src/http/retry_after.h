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

// When the upstream wants to be asked again, at most 24 h from `now`; none if
// it does not say, or says at once or in the past. Understands retry-after-ms
// and Retry-After (seconds, `2s`, every form of HTTP's dates) and, where there
// is neither, x-ratelimit-reset-* and anthropic-ratelimit-*-reset of limits
// that are not known to have room.
std::optional<absl::Duration> RetryAfter(const HttpHeaders& headers,
                                         absl::Time now);

// The wait that `text` is, such as `1.2s` or `6m0s`, and the one that words in
// lower case speak of, such as `try again in 20s` or `retry after 5 seconds`.
// Above 0 and at most 24 h, or none.
std::optional<absl::Duration> WaitOf(absl::string_view text);
std::optional<absl::Duration> WaitInWords(absl::string_view words);

}  // namespace holysheep
