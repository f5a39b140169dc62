#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "json/json_dom.h"

// Failures that an upstream tells where an answer is expected, though its HTTP
// status is 200. Internal to the response codec.
namespace holysheep {

// What the failure comes upon.
struct ToldContext {
  // Whether a piece of the answer has been read before.
  bool answering = false;
  // The key that was sent, to keep out of errors.
  absl::string_view key;
};

// The failure in `value`, one JSON value of a stream or a whole body; OK if it
// tells of none. Told as a member `error` (that is more than null, false, 0,
// `""` or `{}`), as {"object":"error"}, without choices as `detail`, `errors`,
// `base_resp` or a text beside a code, status or `success` of no success, as an
// error in the first choice, or as a finish reason: UPSTREAM_5XX, and
// STREAM_TRUNCATED upon an answer, unless the upstream's words say more.
absl::Status ToldFailure(const JsonValue& value, const ToldContext& context);

// The error for `said`, a text or JSON in which there was no answer: what its
// words mean, else UPSTREAM_MALFORMED with the words.
absl::Status NoAnswerBut(absl::string_view said, absl::string_view key);

// The error for the HTML `page`, or its beginning, where an answer was
// expected: UPSTREAM_MALFORMED with the page's text.
absl::Status PageInstead(absl::string_view page, absl::string_view key);

}  // namespace holysheep
