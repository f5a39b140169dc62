#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// The words of an upstream that are not part of its answer: signs of life, or
// why there is no answer. Bounded to 4 KiB. Not thread-safe. Internal to the
// response codec.
class OtherWords {
 public:
  // Keeps `text`, on a line of its own, while there is room.
  void Add(absl::string_view text);

  // Quotes the words, which may explain why an answer is not whole; empty if
  // there are none. `key` is kept out.
  std::string Note(absl::string_view key) const;

  // Returns the error for a body in which there is no answer: the words are the
  // best explanation there is. `had_chunks` is whether the body had the form of
  // an answer.
  absl::Status NoAnswer(bool had_chunks, absl::string_view key) const;

 private:
  std::string words_;
};

}  // namespace holysheep
