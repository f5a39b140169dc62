#include "json/schema_work.h"

namespace holysheep {
namespace {

// One unit of work reads 32 bytes, or compares eight short names.
constexpr size_t kBytesAUnit = 32;
constexpr size_t kLookUpsAUnit = 8;

}  // namespace

size_t WorkOf(absl::string_view text) { return 1 + text.size() / kBytesAUnit; }

size_t WorkOfLookUp(const JsonValue& object, absl::string_view name) {
  return 1 + object.MemberCount() * WorkOf(name) / kLookUpsAUnit;
}

// Recursive, which kMaxJsonDepth makes safe.
size_t WorkOfComparing(const JsonValue& value) {
  size_t work = WorkOf(TextOf(&value));
  if (value.IsArray()) {
    for (const JsonValue& element : value.GetArray()) {
      work += WorkOfComparing(element);
    }
  } else if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      work += WorkOfLookUp(value, TextOf(&member.name)) +
              WorkOfComparing(member.value);
    }
  }
  return work;
}

}  // namespace holysheep
