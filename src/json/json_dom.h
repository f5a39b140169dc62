#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "rapidjson/document.h"

// Reads JSON that may be anything at all, such as an upstream's body: every
// accessor accepts every value. Internal to the codecs; never thread-safe,
// since a parser owns the values it returns.
namespace holysheep {

// Belongs to the parser that has read it.
using JsonValue = rapidjson::Value;

// Returns the member `name`, or null if `value` is null or not an object, has
// no such member, or the member is a JSON null. Of members that occur twice,
// the first. Linear in the number of members.
const JsonValue* Member(const JsonValue* value, absl::string_view name);

// Returns the first element, or null if `value` is not an array or is empty.
const JsonValue* FirstElement(const JsonValue* value);

// Returns the string, or an empty text if `value` is null or not a string.
// Valid as long as the value.
absl::string_view TextOf(const JsonValue* value);

// Returns a whole number of at least 0 (12 or 12.0); nothing if `value` is
// anything else. A fraction is cut off, and a number that is not exact in a
// double (above 9 * 10^15) is refused if it is written with a point.
std::optional<int64_t> CountOf(const JsonValue* value);

// Whether `value` is nested deeper than `levels`, where a scalar is one level.
// Recurses `levels` deep at most.
bool IsDeeperThan(const JsonValue& value, int levels);

// Returns the value as JSON text in valid UTF-8, or nothing if it is nested
// deeper than 64 levels. NaN and Infinity become null.
std::optional<std::string> JsonOf(const JsonValue& value);

// Whether `text`, which must be UTF-8, is JSON. Escaped halves of surrogate
// pairs may stand alone, as the grammar allows. Uses no stack for nesting.
// Builds no values, so it needs little memory.
bool IsJson(absl::string_view text);

// Parses one text after another in the same memory. Uses no stack for nesting.
// Not thread-safe. A few KiB of it lie in the object itself, so that a chunk of
// a stream costs no allocation of the heap.
class JsonParser {
 public:
  JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  // Returns null if `text` is not JSON in valid UTF-8. The value is valid until
  // the next Parse.
  const JsonValue* Parse(absl::string_view text);

  // Parses JSON as upstreams write it: NaN and Infinity are numbers, and a
  // string may hold bytes that are not UTF-8 and halves of surrogate pairs,
  // each in three bytes, which Utf8Joiner accepts.
  const JsonValue* ParseLiberally(absl::string_view text);

 private:
  using Pool = rapidjson::MemoryPoolAllocator<>;
  using Document = rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool>;

  // Takes a copy of `text` into text_; false if it cannot be JSON. REQUIRES:
  // values of the last Parse are not used any more.
  bool Begin(absl::string_view text);

  // Enough for any usual chunk; larger texts take more from the heap.
  static constexpr size_t kPoolBytes = 4096;

  alignas(16) char value_memory_[kPoolBytes];
  alignas(16) char stack_memory_[kPoolBytes];
  // The pools of values and of the parser's stack, in the memory above.
  Pool values_;
  Pool stack_;
  // The text, which is parsed in place: strings of values point into it.
  std::string text_;
  std::optional<Document> document_;
};

}  // namespace holysheep
