#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "json/json_dom.h"

// Failures that an upstream reports in an answer, although its HTTP status is
// 200. Pure. Internal to the response codec.
namespace holysheep {

// The circumstances of a failure. Supplied by the answer's reader for each
// value.
struct ToldContext {
  // Whether a piece of the answer has been read before. Then the failure cannot
  // be hidden by another attempt.
  bool answering = false;
  // The key that was sent, to be kept out of errors.
  absl::string_view key;
};

// Returns the failure in `value`, one JSON value of a stream or a whole body;
// OK if it reports none. Known forms: a member `error` (other than null, false,
// 0, `""` or `{}`), {"object":"error"}; without choices, `detail`, `errors`,
// `base_resp` or a text together with a code, status or `success` that does not
// mean success; an error in the choice; a finish reason. The reason is
// UPSTREAM_5XX, or STREAM_TRUNCATED after a part of an answer, unless the
// upstream's words say more. Call it before the value is decoded: an upstream
// may report its failure next to an empty choice.
absl::Status ToldFailure(const JsonValue& value, const ToldContext& context);

// Returns the error for `said`, a text or JSON instead of an answer: the
// meaning of its words, otherwise UPSTREAM_MALFORMED with the words. Reads at
// most 4 KiB. Never OK.
absl::Status NoAnswerBut(absl::string_view said, absl::string_view key);

// Returns the error for the HTML `page`, or its beginning, instead of an
// answer: UPSTREAM_MALFORMED with the page's text. Advises to check
// upstream.base_url, the usual cause.
absl::Status PageInstead(absl::string_view page, absl::string_view key);

}  // namespace holysheep
