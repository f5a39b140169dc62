#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// What an error's body says.
struct ErrorWords {
  // For people: the upstream's own words, in all the shapes in use (see
  // ReadErrorWords); the body itself where it has none of them; the text of a
  // page.
  std::string message;
  // Codes, types and messages in lower case, to find words in; of a page none.
  // Without what they quote, because that may be the request's own text.
  std::string search;
  // A number of 100 to 599 that the body gives as its code; 0: none.
  int numeric_code = 0;
  // How long to wait, by google.rpc.RetryInfo or in words; none if it does not
  // say, or says 0.
  std::optional<absl::Duration> wait;
};

// Understands `error` (object or text), `detail` (text or a list of {loc,
// msg}), `errors`, {"code", "msg" or "message"}, `base_resp`, OpenRouter's
// `metadata.raw`, an error inside a choice, and JSON inside a message. Reads at
// most 16 KiB of text and 8 errors. Pure.
ErrorWords ReadErrorWords(absl::string_view body);

// `text` in lower case with one blank for what it quotes, unless it quotes the
// value of a member such as `'code': '...'`. Internal to error_words; here for
// its test.
std::string WithoutQuotes(absl::string_view text);

}  // namespace holysheep
