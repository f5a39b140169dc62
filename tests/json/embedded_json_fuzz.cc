// Any bytes as what a model says: the values in it are parts of the text, in
// its order and apart, and the one that is chosen is JSON that fits.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "json/embedded_json.h"
#include "json/fitting_value.h"
#include "json/json_schema.h"

namespace holysheep {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(absl::string_view text) {
  const EmbeddedJson found = FindEmbeddedJson(text);
  Require(found.values.size() <= kMaxEmbeddedValues);
  const char* at = text.data();
  for (const absl::string_view value : found.values) {
    Require(!value.empty());
    Require(value.data() >= at);
    at = value.data() + value.size();
    Require(at <= text.data() + text.size());
  }
  const std::unique_ptr<JsonSchema> schema =
      *JsonSchema::Compile(R"({"type":["object","array","number"]})");
  const FittingValue fitting = FindFittingValue(*schema, text);
  Require(fitting.complaint.ok() != fitting.json.empty());
  if (fitting.complaint.ok()) Require(schema->Check(fitting.json).ok());
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  holysheep::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
