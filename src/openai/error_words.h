#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// The texts and codes in an error's body. A value; all texts are bounded, see
// ReadErrorWords.
struct ErrorWords {
  // For people: the upstream's own words, found in all known shapes (see
  // ReadErrorWords); otherwise the body itself, or the text of a page.
  std::string message;
  // For matching: codes, types and messages in lower case; empty for a page.
  // Quotations are left out, because they may be the request's own text.
  std::string search;
  // A number from 100 to 599 that the body gives as its code; 0 for none.
  int numeric_code = 0;
  // The time to wait, from google.rpc.RetryInfo or in words; not set if it is
  // unknown or 0.
  std::optional<absl::Duration> wait;
};

// Understands `error` (object or text), `detail` (text or a list of {loc,
// msg}), `errors`, {"code", "msg" or "message"}, `base_resp`, OpenRouter's
// `metadata.raw`, an error inside a choice, and JSON inside a message. Reads at
// most 16 KiB of text and 8 errors. Pure. `body` is whatever came instead of an
// answer: JSON of any shape, a page, plain text, cut or empty. It is never an
// error: from an empty body nothing is read, and all members are empty.
ErrorWords ReadErrorWords(absl::string_view body);

// Returns `text` in lower case with one blank for each quotation, except quoted
// values of members such as `'code': '...'`. Internal; declared for its test.
// Knows the marks of English, French and Chinese, and apostrophes. A quotation
// that does not end stays. Takes time linear in `text`.
std::string WithoutQuotes(absl::string_view text);

}  // namespace holysheep
