#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// A prefix of `text` that ends between two characters and has at most
// `max_bytes` bytes, with `?` for each byte that is not UTF-8. The result is
// valid for a proto string field. For texts of others in messages and logs.
// Pure.
std::string BoundedUtf8(absl::string_view text, size_t max_bytes);

// Makes valid UTF-8 of a text that comes in pieces cut anywhere, also between
// the halves of a surrogate pair that were each written in three bytes
// (CESU-8), as some upstreams do. Two halves become one character; bytes that
// belong to no character become U+FFFD. Not thread-safe. One object per text of
// a stream; used where the upstream's answer becomes a proto string.
class Utf8Joiner {
 public:
  // Returns the characters that `piece` completes; a character cut at the end
  // of `piece` waits for the next one. The view is valid until the next call,
  // and no longer than `piece`.
  absl::string_view Add(absl::string_view piece);

  // Ends the text. Returns U+FFFD if a character is still incomplete, otherwise
  // nothing.
  absl::string_view End();

 private:
  // The beginning of a character, or the first half of a pair and perhaps the
  // beginning of the second.
  std::string cut_;
  // What Add returned, if it could not return a view into the piece.
  std::string joined_;
};

// Whether `text` is UTF-8 throughout, as proto strings have to be.
bool IsUtf8(absl::string_view text);

// `text` with U+FFFD for all that is not UTF-8.
std::string ValidUtf8(absl::string_view text);

// Whether `text` is empty or consists of white space only, Unicode's included.
// Text that is not UTF-8 is not blank. Pure.
bool IsBlank(absl::string_view text);

}  // namespace holysheep
