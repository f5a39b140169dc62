#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/errors.h"
#include "policy/money.h"

// How a scalar of the configuration becomes a value. The messages of the
// errors say what is allowed, and never what was given: it may be a secret.
namespace holysheep::config {

struct Scalar {
  std::string text;
  // A string for sure: neither a number nor a truth value.
  bool quoted = false;
  // Whether the text is, at least in part, from the environment.
  bool from_environment = false;
};

template <typename T>
using ScalarParser = std::function<absl::StatusOr<T>(const Scalar&)>;

// Any UTF-8 text without control characters.
ScalarParser<std::string> Text();
// Text that is not blank and has no blanks around it: a name.
ScalarParser<std::string> Name();
// The name of an HTTP header; returned in lower case.
ScalarParser<std::string> HeaderName();
// 64 hexadecimal digits; returned in lower case.
ScalarParser<std::string> Sha256Hex();

// `true` or `false`; from the environment also `1` or `0`.
ScalarParser<bool> Boolean();
// A decimal number from 0 to 1.
ScalarParser<double> Ratio();
ScalarParser<int64_t> WholeNumber(int64_t least, int64_t most);

// A duration such as `250ms`, `1m30s` or `0`.
ScalarParser<absl::Duration> DurationWithin(absl::Duration least,
                                            absl::Duration most);

// An amount of dollars.
ScalarParser<Money> Dollars();
// Dollars for a million tokens, at most 1000000, exact in PriceOf.
ScalarParser<Money> Price();

// Text that is empty or what `parse` takes.
ScalarParser<std::string> EmptyOr(
    std::function<absl::StatusOr<std::string>(absl::string_view)> parse);

// One of a closed list of words.
template <typename T>
ScalarParser<T> OneOf(std::vector<std::pair<absl::string_view, T>> words) {
  return [words = std::move(words)](const Scalar& scalar) -> absl::StatusOr<T> {
    std::string allowed;
    for (const auto& [word, value] : words) {
      if (scalar.text == word) return value;
      absl::StrAppend(&allowed, allowed.empty() ? "" : ", ", std::string(word));
    }
    return MakeError(Reason::kInvalidArgument,
                     absl::StrCat("must be one of ", allowed));
  };
}

}  // namespace holysheep::config
