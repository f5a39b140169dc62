// Any bytes as a JSON text: each function says the same of it, and its
// canonical form is a text of the same value.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/json.h"

namespace holysheep {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(absl::string_view text) {
  // Also of what is no JSON nothing is read but the text.
  const auto passed = MembersOfChecked(text);
  const auto canonical = CanonicalJson(text);
  const auto members = JsonMembers(text);
  Require(members.ok() == CheckJsonObject(text).ok());
  Require(canonical.ok() || !members.ok());
  if (!canonical.ok()) return;
  Require(*CanonicalJson(*canonical) == *canonical);
  Require((canonical->front() == '{') == members.ok());
  if (!members.ok()) return;
  Require(passed.size() == members->size());
  for (size_t i = 0; i < passed.size(); ++i) {
    Require(passed[i].name == (*members)[i].name);
    Require(passed[i].value == (*members)[i].value);
    Require(CanonicalJson(passed[i].value).ok());
  }
  Require(*CanonicalJson(JsonObject(*members)) == *canonical);
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  holysheep::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
