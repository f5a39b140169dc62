#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// `text`, cut between two characters to at most `max_bytes`, with `?` for each
// byte that is no UTF-8: what a proto string may hold.
std::string BoundedUtf8(absl::string_view text, size_t max_bytes);

// Makes valid UTF-8 of a text that comes in pieces cut anywhere, also between
// the halves of a surrogate pair, each half written in three bytes as if it
// were a character. Halves that meet become one character; bytes that belong to
// none become U+FFFD.
class Utf8Joiner {
 public:
  // What `piece` completes; a character cut at its end waits for the next.
  // Holds until the next call.
  absl::string_view Add(absl::string_view piece);

  // The text is over: U+FFFD if a character is still cut, else nothing.
  absl::string_view End();

 private:
  // The beginning of a character, or half a pair and perhaps the beginning of
  // the other half.
  std::string cut_;
  std::string joined_;
};

// `text` with U+FFFD for what is no UTF-8.
std::string ValidUtf8(absl::string_view text);

// Whether `text` is empty or nothing but white space, Unicode's included.
bool IsBlank(absl::string_view text);

}  // namespace holysheep
