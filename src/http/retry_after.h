#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// Names in lower case and trimmed values, as HttpObserver::OnHeaders gives
// them.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Returns the value of the header `name`, or an empty text if there is none.
// The first one, if there are several. Valid as long as `headers`; linear in
// their number.
absl::string_view HeaderValue(const HttpHeaders& headers,
                              absl::string_view name);

// How long the upstream wants to be left alone, at most 24 h; nothing if it
// does not say, or names the present or the past. Understands retry-after-ms
// and Retry-After (seconds, `2s`, every form of HTTP's dates) and, if both are
// missing, x-ratelimit-reset-* and anthropic-ratelimit-*-reset of limits that
// are not known to have room. `now` is wall-clock time, for dates. Of several
// resets the longest counts. Pure.
std::optional<absl::Duration> RetryAfter(const HttpHeaders& headers,
                                         absl::Time now);

// Returns the duration that all of `text` denotes, such as `1.2s` or `6m0s`,
// above 0 and at most 24 h; otherwise nothing.
std::optional<absl::Duration> WaitOf(absl::string_view text);
// Returns the duration that is named in `words`, which are in lower case, such
// as `try again in 20s` or `retry after 5 seconds`; bounds as above. If several
// are named, the longest. For upstreams that say it only in their error's
// message.
std::optional<absl::Duration> WaitInWords(absl::string_view words);

}  // namespace holysheep
