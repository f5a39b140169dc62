#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "rapidjson/document.h"

// Reading JSON that may be anything at all. Internal to upstream/.
namespace holysheep {

using JsonValue = rapidjson::Value;

// The member `name`; null if `value` is no object, has no such member, or the
// member is a JSON null.
const JsonValue* Member(const JsonValue* value, absl::string_view name);

// The first element; null if `value` is no array or an empty one.
const JsonValue* FirstElement(const JsonValue* value);

// The string; empty if `value` is null or none. Holds while the value does.
absl::string_view TextOf(const JsonValue* value);

// A whole number of at least 0; none if `value` is anything else.
std::optional<int64_t> CountOf(const JsonValue* value);

// Whether `value` is nested deeper than `levels`; itself it is one.
bool IsDeeperThan(const JsonValue& value, int levels);

// The value as JSON text; none if it is nested deeper than 64 levels.
std::optional<std::string> JsonOf(const JsonValue& value);

// Whether `text`, which is UTF-8, is JSON; escaped halves of surrogate pairs,
// which the grammar allows, may stand alone. Nesting costs no stack.
bool IsJson(absl::string_view text);

// Parses text after text in the same memory. Nesting costs no stack.
class JsonParser {
 public:
  JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  // Null if `text` is not JSON in valid UTF-8. The value holds until the next
  // Parse.
  const JsonValue* Parse(absl::string_view text);

  // The same for JSON as upstreams write it: NaN and Infinity are numbers, and
  // a string may hold bytes that are no UTF-8 and halves of surrogate pairs,
  // each in three bytes, which Utf8Joiner takes.
  const JsonValue* ParseLiberally(absl::string_view text);

 private:
  using Pool = rapidjson::MemoryPoolAllocator<>;
  using Document = rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool>;

  // Takes a copy of `text` into text_; false if it cannot be JSON.
  bool Begin(absl::string_view text);

  // Enough for any usual chunk; larger texts take more from the heap.
  static constexpr size_t kPoolBytes = 4096;

  alignas(16) char value_memory_[kPoolBytes];
  alignas(16) char stack_memory_[kPoolBytes];
  Pool values_;
  Pool stack_;
  std::string text_;
  std::optional<Document> document_;
};

}  // namespace holysheep
