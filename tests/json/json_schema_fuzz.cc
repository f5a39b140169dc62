// Any bytes as a schema and as an answer: every check ends, and says yes or
// why not in a few words. A zero byte divides the two.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "json/json_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(input.find('\0'), size);
  const auto schema = holysheep::JsonSchema::Compile(input.substr(0, end));
  if (!schema.ok()) return 0;
  const absl::string_view answer = input.substr(std::min(end + 1, size));
  const absl::Status first = (*schema)->Check(answer);
  if (first.message().empty() != first.ok()) std::abort();
  if (first.message().size() > 512) std::abort();
  // A schema does not remember its checks.
  if ((*schema)->Check(answer).message() != first.message()) std::abort();
  return 0;
}
