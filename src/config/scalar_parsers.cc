#include "config/scalar_parsers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/utf8.h"
#include "config/config_errors.h"

namespace holysheep::config {
namespace {

constexpr size_t kMaxName = 256;
// Servers commonly take 8 KiB.
constexpr size_t kMaxHeaderValue = 8192;

// Such a text is safe in every log and proto field.
bool IsText(absl::string_view text) {
  return std::none_of(text.begin(), text.end(), absl::ascii_iscntrl) &&
         BoundedUtf8(text, text.size()) == text;
}

bool IsHeaderCharacter(unsigned char c) {
  return absl::ascii_isalnum(c) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
             absl::string_view::npos;
}

// Headers that the transport or the codec sets. The key in one of them would be
// overwritten, or break the request.
bool IsReservedHeader(absl::string_view name) {
  return name == "host" || name == "connection" || name == "accept" ||
         name == "transfer-encoding" || absl::StartsWith(name, "content-");
}

bool IsDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// Unlike absl::ParseDuration, accepts neither a sign nor infinity nor an
// unbounded number of digits.
bool ParsePlainDuration(absl::string_view text, absl::Duration& duration) {
  return !text.empty() && text.size() <= 32 &&
         absl::ascii_isdigit(static_cast<unsigned char>(text.front())) &&
         absl::ParseDuration(text, &duration);
}

}  // namespace

ScalarParser<std::string> Text() {
  return [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    if (IsText(scalar.text)) return scalar.text;
    return Refuse("must be UTF-8 without control characters");
  };
}

ScalarParser<std::string> Name() {
  return [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    const std::string& text = scalar.text;
    if (text.empty() || text.size() > kMaxName || !IsText(text) ||
        absl::StripAsciiWhitespace(text) != text) {
      return Refuse(absl::StrCat("must be 1 to ", kMaxName,
                                 " characters without blanks around them"));
    }
    return text;
  };
}

ScalarParser<std::string> HeaderName() {
  return [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    const std::string name = absl::AsciiStrToLower(scalar.text);
    if (name.empty() || name.size() > kMaxName || IsReservedHeader(name) ||
        !std::all_of(name.begin(), name.end(), IsHeaderCharacter)) {
      return Refuse(
          "must be the name of a header such as authorization or x-api-key");
    }
    return name;
  };
}

ScalarParser<std::string> HeaderValue() {
  return [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    const std::string& text = scalar.text;
    if (text.size() > kMaxHeaderValue ||
        !std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isprint(c); })) {
      return Refuse(absl::StrCat("must be at most ", kMaxHeaderValue,
                                 " bytes of printable ASCII"));
    }
    return text;
  };
}

ScalarParser<std::string> Sha256Hex() {
  return [](const Scalar& scalar) -> absl::StatusOr<std::string> {
    if (scalar.text.size() != 64 ||
        !std::all_of(scalar.text.begin(), scalar.text.end(),
                     absl::ascii_isxdigit)) {
      return Refuse("must be 64 hexadecimal digits: the SHA-256 of the token");
    }
    return absl::AsciiStrToLower(scalar.text);
  };
}

// `yes`, `on` and other spellings of YAML 1.1 are refused: people disagree
// about them.
ScalarParser<bool> Boolean() {
  return [](const Scalar& scalar) -> absl::StatusOr<bool> {
    if (scalar.from_environment) {
      if (scalar.text == "1") return true;
      if (scalar.text == "0") return false;
    }
    if (!scalar.quoted && scalar.text == "true") return true;
    if (!scalar.quoted && scalar.text == "false") return false;
    return Refuse(scalar.from_environment ? "must be 0, 1, true or false"
                                          : "must be true or false");
  };
}

ScalarParser<mode_t> FileMode() {
  return [](const Scalar& scalar) -> absl::StatusOr<mode_t> {
    constexpr mode_t kOwnerWrites = 0200;
    mode_t mode = 0;
    bool octal = scalar.text.size() == 3 ||
                 (scalar.text.size() == 4 && scalar.text.front() == '0');
    for (const char c : scalar.text) {
      octal = octal && c >= '0' && c <= '7';
      mode = mode << 3 | static_cast<mode_t>(c - '0');
    }
    if (octal && (mode & kOwnerWrites) != 0) return mode;
    return Refuse(
        "must be the permissions of a file such as \"0600\", with which its "
        "owner can write");
  };
}

ScalarParser<double> Ratio() {
  return [](const Scalar& scalar) -> absl::StatusOr<double> {
    double ratio = -1;
    const bool plain = std::all_of(
        scalar.text.begin(), scalar.text.end(),
        [](unsigned char c) { return absl::ascii_isdigit(c) || c == '.'; });
    if (scalar.quoted || !plain || !absl::SimpleAtod(scalar.text, &ratio) ||
        ratio < 0 || ratio > 1) {
      return Refuse("must be a number from 0 to 1");
    }
    return ratio;
  };
}

ScalarParser<int64_t> WholeNumber(int64_t least, int64_t most) {
  return [least, most](const Scalar& scalar) -> absl::StatusOr<int64_t> {
    int64_t number = 0;
    if (scalar.quoted || !IsDigits(scalar.text) ||
        !absl::SimpleAtoi(scalar.text, &number) || number < least ||
        number > most) {
      return Refuse(
          absl::StrCat("must be a whole number from ", least, " to ", most));
    }
    return number;
  };
}

ScalarParser<absl::Duration> DurationWithin(absl::Duration least,
                                            absl::Duration most) {
  return [least, most](const Scalar& scalar) -> absl::StatusOr<absl::Duration> {
    absl::Duration duration;
    if (!ParsePlainDuration(scalar.text, duration)) {
      return Refuse("must be a duration such as 250ms, 30s or 1m30s");
    }
    if (duration < least || duration > most) {
      return Refuse(absl::StrCat("must be ", absl::FormatDuration(least),
                                 " to ", absl::FormatDuration(most)));
    }
    return duration;
  };
}

ScalarParser<Money> Dollars() {
  return [](const Scalar& scalar) -> absl::StatusOr<Money> {
    const absl::StatusOr<Money> amount = Money::Parse(scalar.text);
    if (amount.ok()) return *amount;
    return Refuse("must be an amount of dollars such as \"10.00\"");
  };
}

// A number without quotes is accepted, too: its text is read, never a double.
ScalarParser<Money> Price() {
  return [](const Scalar& scalar) -> absl::StatusOr<Money> {
    constexpr int64_t kMicroDollar = 1'000'000;
    constexpr auto kMost = Money::FromPicos(1'000'000'000'000'000'000);
    const absl::StatusOr<Money> price = Money::Parse(scalar.text);
    if (!price.ok() || kMost < *price || price->picos() % kMicroDollar != 0) {
      return Refuse(
          "must be the dollars for a million tokens, 0 to 1000000 with at "
          "most 6 decimals, such as \"0.42\"");
    }
    return *price;
  };
}

ScalarParser<std::string> EmptyOr(
    std::function<absl::StatusOr<std::string>(absl::string_view)> parse) {
  return [parse = std::move(parse)](
             const Scalar& scalar) -> absl::StatusOr<std::string> {
    if (scalar.text.empty()) return std::string();
    return parse(scalar.text);
  };
}

}  // namespace holysheep::config
