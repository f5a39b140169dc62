#pragma once

#include <sys/types.h>

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

// Parsers of the configuration's scalars. Their errors say what is allowed, and
// never what was given, since it may be a secret. The parsers are pure and may
// be used on any thread.
namespace holysheep::config {

// A scalar of the file, or the value of an environment variable.
struct Scalar {
  std::string text;
  // Whether it stood in quotes, and so is a string: neither a number nor a
  // truth value.
  bool quoted = false;
  // Whether the text comes, at least in part, from the environment.
  bool from_environment = false;
};

// Returns the value, or INVALID_ARGUMENT.
template <typename T>
using ScalarParser = std::function<absl::StatusOr<T>(const Scalar&)>;

// Any valid UTF-8 without control characters.
ScalarParser<std::string> Text();
// A name: text of 1 to 256 bytes, not blank and without surrounding blanks.
ScalarParser<std::string> Name();
// The name of an HTTP header that the service does not set itself; returned in
// lower case.
ScalarParser<std::string> HeaderName();
// The value of an HTTP header: printable ASCII, at most 8192 bytes.
ScalarParser<std::string> HeaderValue();
// 64 hexadecimal digits; returned in lower case.
ScalarParser<std::string> Sha256Hex();

// `true` or `false`; from the environment also `1` or `0`.
ScalarParser<bool> Boolean();
// The permissions of a file as three or four octal digits, such as 0600: what
// its owner, its group and others may do. The owner must be able to write.
ScalarParser<mode_t> FileMode();
// A decimal number from 0 to 1.
ScalarParser<double> Ratio();
// A whole number from `least` to `most`.
ScalarParser<int64_t> WholeNumber(int64_t least, int64_t most);
// The same for another type, which has to have room for `most`.
template <typename T>
ScalarParser<T> WholeNumberAs(int64_t least, int64_t most) {
  return [parse = WholeNumber(least, most)](
             const Scalar& scalar) -> absl::StatusOr<T> {
    const absl::StatusOr<int64_t> number = parse(scalar);
    if (!number.ok()) return number.status();
    return static_cast<T>(*number);
  };
}

// A duration such as `250ms`, `1m30s` or `0`, from `least` to `most`.
ScalarParser<absl::Duration> DurationWithin(absl::Duration least,
                                            absl::Duration most);

// What `parse` takes; zero, which means no limit, becomes `unlimited`.
template <typename T>
ScalarParser<T> ZeroIs(T unlimited, ScalarParser<T> parse) {
  return [unlimited,
          parse = std::move(parse)](const Scalar& scalar) -> absl::StatusOr<T> {
    absl::StatusOr<T> value = parse(scalar);
    if (value.ok() && *value == T()) return unlimited;
    return value;
  };
}

// An amount of dollars.
ScalarParser<Money> Dollars();
// US dollars per million tokens, at most 1000000, with at most six decimals, so
// that PriceOf is exact.
ScalarParser<Money> Price();

// An empty text, or one that `parse` accepts.
ScalarParser<std::string> EmptyOr(
    std::function<absl::StatusOr<std::string>(absl::string_view)> parse);

// One word of a closed list.
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
