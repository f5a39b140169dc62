#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/batch/batch_input.h"

namespace holysheep::cli {

// The encoding of a file, as its first bytes show it.
struct EncodingGuess {
  // A name that iconv knows; empty for UTF-8.
  std::string encoding;
  // By a byte order mark; otherwise by the zeros that UTF-16 has in ASCII text.
  bool has_mark = false;
};

// Guesses between UTF-8 and the forms of UTF-16 and UTF-32. `begin` is the
// beginning of a file. Pure, as the next two.
EncodingGuess GuessEncoding(absl::string_view begin);

// Returns the advice for bytes that are not UTF-8: a name for --encoding that
// they agree with, such as `GBK`, and the flag. `text` is the line or a part of
// it.
std::string NotUtf8(absl::string_view text);

// Returns the name by which iconv knows the encoding that a person calls
// `name`, in its widest form (GBK is GB18030); empty for UTF-8.
// kInvalidArgument if there is none.
absl::StatusOr<std::string> EncodingNamed(absl::string_view name);

// Returns an input whose bytes are those of `file` converted to UTF-8, and
// whose SHA-256 is still that of the file. Bytes that do not belong to
// `encoding`, and a file that ends within a character, end the reading with an
// error that begins with `name` and the line. An empty `encoding` returns
// `file`.
std::unique_ptr<InputFile> Decoded(std::unique_ptr<InputFile> file,
                                   const std::string& encoding,
                                   const std::string& name);

}  // namespace holysheep::cli
