// Any JSON as the usage of an answer: what is reported adds up, whatever the
// upstream says.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/response_codec.h"

namespace holysheep {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(const pb::Usage& usage) {
  Require(usage.prompt_tokens() >= 0);
  Require(usage.completion_tokens() >= 0);
  Require(usage.total_tokens() ==
          int64_t{usage.prompt_tokens()} + usage.completion_tokens());
  Require(usage.cached_prompt_tokens() >= 0);
  Require(usage.cached_prompt_tokens() <= usage.prompt_tokens());
  Require(usage.reasoning_tokens() >= 0);
  Require(usage.reasoning_tokens() <= usage.completion_tokens());
}

// Reads a whole answer, and requires the same of its usage.
void Read(absl::string_view body) {
  const auto pass = [](const pb::InvokeEvent&) {};
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader(AnswerReaderOptions(), random);
  if (!reader->Feed(body, pass).ok()) return;
  const auto response = reader->Finish(pass);
  if (!response.ok()) return;
  Check(response->usage());
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view usage(reinterpret_cast<const char*>(data), size);
  constexpr absl::string_view kChoice =
      R"({"index":0,"message":{"content":"hello"},"finish_reason":"stop")";
  // The three places where upstreams put it.
  holysheep::Read(
      absl::StrCat("{\"choices\":[", kChoice, "}],\"usage\":", usage, "}"));
  holysheep::Read(
      absl::StrCat("{\"choices\":[", kChoice, ",\"usage\":", usage, "}]}"));
  holysheep::Read(absl::StrCat("{\"choices\":[", kChoice,
                               "}],\"x_groq\":{\"usage\":", usage, "}}"));
  return 0;
}
