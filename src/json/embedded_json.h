#pragma once

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// The JSON values in a text for people.
struct EmbeddedJson {
  // In the order of the text, none inside another; views into the text. Their
  // structure is that of JSON, which a parser may still refuse for what is in
  // it (such as bytes that are not UTF-8).
  std::vector<absl::string_view> values;
  // Whether there are more values than kMaxEmbeddedValues, which are left out.
  bool more = false;
};

// The bound on the values of one text.
inline constexpr size_t kMaxEmbeddedValues = 64;

// Finds the outermost objects and arrays in `text`, which a model has said and
// which may be anything: values in code fences, open or closed, with words
// before and after. A scalar counts if the whole text, or the whole of a code
// fence, is one. Not searched are a byte order mark, and thoughts: what stands
// in `<think>` tags, a tag that is never closed, and everything before a
// closing tag without an opening one. Brackets of ordinary text are passed
// over, but what begins as JSON and is not (a comma too many, cut off) hides
// all that is inside it: a part of a broken value is not a value. Pure. Takes
// time linear in `text`, and no stack for nesting.
EmbeddedJson FindEmbeddedJson(absl::string_view text);

}  // namespace holysheep
