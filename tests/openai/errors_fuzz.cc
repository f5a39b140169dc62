// Any bytes as the body of a refusal: it is an error, with a short message of
// valid UTF-8 that has nothing of the key. The first byte chooses the status.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "openai/error_words.h"
#include "openai/http_errors.h"

namespace holysheep {
namespace {

// As HolySheep's, but not one of them.
constexpr absl::string_view kKey = "hs-fuzz-0123456789abcdef";
constexpr size_t kShownOfKey = 8;
constexpr int kStatuses[] = {301, 400, 401, 402, 403, 404, 408, 413,
                             422, 429, 500, 502, 503, 529, 599, 100};
// The upstream's words have at most 500 bytes, the explanation before them and
// what is shown in place of a key fewer.
constexpr size_t kMaxMessage = 1'000;
// As much as the service reads of an error, and what it turns into as lower
// case and as characters in place of bad bytes.
constexpr size_t kMaxWords = 16'384 * 4;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckStatus(const absl::Status& status) {
  Require(!status.ok());
  const absl::string_view message = status.message();
  Require(!message.empty() && message.size() <= kMaxMessage);
  Require(IsUtf8(message));
  for (size_t at = 0; at + kShownOfKey <= kKey.size(); ++at) {
    Require(!absl::StrContains(message, kKey.substr(at, kShownOfKey)));
  }
}

void Check(int status, absl::string_view body) {
  const ErrorWords words = ReadErrorWords(body);
  Require(words.message.size() <= kMaxWords);
  Require(words.search.size() <= kMaxWords);
  Require(words.numeric_code == 0 ||
          (words.numeric_code >= 100 && words.numeric_code <= 599));
  Require(!words.wait.has_value() || *words.wait > absl::ZeroDuration());
  const HttpHeaders headers = {{"retry-after", std::string(body.substr(0, 40))},
                               {"retry-after-ms", "1e3"}};
  CheckStatus(StatusFromHttp({.status = status,
                              .headers = headers,
                              .body = body,
                              .now = absl::FromUnixSeconds(1'750'000'000),
                              .key = kKey}));
  CheckStatus(StatusFromErrorJson(body, kKey));
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  holysheep::Check(holysheep::kStatuses[data[0] % 16],
                   {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
