#include "base/api_key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
// The order of the checks is that of what people get wrong: an empty variable,
// a line end copied with the key, a typographic character from a document.

namespace {

absl::Status Refuse(absl::string_view reason) {
  return MakeError(Reason::kInvalidArgument, absl::StrCat("the key ", reason));
}

bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

}  // namespace

absl::Status CheckApiKey(absl::string_view key) {
  if (key.empty()) return Refuse("is empty");
  if (absl::ascii_isspace(static_cast<unsigned char>(key.front())) ||
      absl::ascii_isspace(static_cast<unsigned char>(key.back()))) {
    return Refuse("has a blank or a line end at its start or end");
  }
  if (IsQuote(key.front()) || IsQuote(key.back())) {
    return Refuse("has a quote at its start or end: give it without quotes");
  }
  if (absl::StartsWithIgnoreCase(key, "bearer ")) {
    return Refuse(
        "begins with `Bearer `, which the service adds itself: give it "
        "without that");
  }
  if (std::any_of(key.begin(), key.end(),
                  [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
    return Refuse("has a control character in it");
  }
  if (!std::all_of(key.begin(), key.end(),
                   [](unsigned char c) { return absl::ascii_isprint(c); })) {
    return Refuse("has a character in it that is not ASCII");
  }
  if (key.size() < kMinApiKeyLength) {
    return Refuse(
        absl::StrCat("is shorter than ", kMinApiKeyLength, " characters"));
  }
  return absl::OkStatus();
}

}  // namespace holysheep
