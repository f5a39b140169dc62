#include "cli/batch/csv_cells.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace holysheep::cli {
namespace {

constexpr absl::string_view kFields[] = {
    "id",          "query", "system_prompt",    "model",
    "temperature", "top_p", "max_tokens",       "top_k",
    "seed",        "user",  "presence_penalty", "frequency_penalty"};

constexpr std::pair<char, absl::string_view> kDelimiters[] = {
    {',', "comma"}, {';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}};

absl::Status NoNumber(absl::string_view name, absl::string_view cell) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is not a number: `", cell, "`"));
}

bool SetText(absl::string_view name, const std::string& cell,
             pb::BatchItem& item) {
  pb::InvokeRequest& request = *item.mutable_request();
  if (name == "id") {
    item.set_id(cell);
  } else if (name == "query") {
    request.set_query(cell);
  } else if (name == "system_prompt") {
    request.set_system_prompt(cell);
  } else if (name == "model") {
    request.set_model(cell);
  } else if (name == "user") {
    request.set_user(cell);
  } else {
    return false;
  }
  return true;
}

bool SetFraction(absl::string_view name, double number,
                 pb::InvokeRequest& request) {
  if (name == "temperature") {
    request.set_temperature(number);
  } else if (name == "top_p") {
    request.set_top_p(number);
  } else if (name == "presence_penalty") {
    request.set_presence_penalty(number);
  } else if (name == "frequency_penalty") {
    request.set_frequency_penalty(number);
  } else {
    return false;
  }
  return true;
}

// Spreadsheets write a whole number with a point where others of its column are
// missing.
absl::string_view WithoutZeroFraction(absl::string_view number) {
  const size_t point = number.find('.');
  if (point == absl::string_view::npos || point == 0) return number;
  return number.find_first_not_of('0', point + 1) == absl::string_view::npos
             ? number.substr(0, point)
             : number;
}

}  // namespace

absl::string_view RequestField(absl::string_view name) {
  const std::string lower =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(name));
  if (lower == "prompt") return "query";
  if (lower == "system") return "system_prompt";
  for (const absl::string_view field : kFields) {
    if (lower == field) return field;
  }
  return "";
}

std::string RequestFields() { return absl::StrJoin(kFields, ", "); }

absl::Status SetRequestField(absl::string_view field, const std::string& cell,
                             bool decimal_comma, pb::BatchItem& item) {
  if (SetText(field, cell, item)) return absl::OkStatus();
  const std::string text =
      decimal_comma ? absl::StrReplaceAll(cell, {{",", "."}}) : cell;
  pb::InvokeRequest& request = *item.mutable_request();
  double fraction = 0;
  if (absl::SimpleAtod(text, &fraction) &&
      SetFraction(field, fraction, request)) {
    return absl::OkStatus();
  }
  const absl::string_view digits = WithoutZeroFraction(text);
  int32_t small = 0;
  int64_t number = 0;
  if (field == "seed" && absl::SimpleAtoi(digits, &number)) {
    request.set_seed(number);
  } else if (field == "max_tokens" && absl::SimpleAtoi(digits, &small)) {
    request.set_max_tokens(small);
  } else if (field == "top_k" && absl::SimpleAtoi(digits, &small)) {
    request.set_top_k(small);
  } else {
    return NoNumber(field, cell);
  }
  return absl::OkStatus();
}

absl::StatusOr<char> DelimiterOf(absl::string_view name) {
  if (name == "\\t") return '\t';
  for (const auto& [delimiter, word] : kDelimiters) {
    if (absl::AsciiStrToLower(name) == word) return delimiter;
  }
  if (name.size() == 1 && name[0] != '"' && name[0] != '\n' &&
      name[0] != '\r' && absl::ascii_isascii(name[0])) {
    return name[0];
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no delimiter `", name,
                   "`: one character, or comma, semicolon, tab or pipe"));
}

std::string DelimiterName(char delimiter) {
  for (const auto& [known, word] : kDelimiters) {
    if (delimiter == known) return std::string(word);
  }
  return std::string(1, delimiter);
}

void AppendCsvRow(const std::vector<std::string>& cells, char delimiter,
                  std::string& text) {
  const std::string special = absl::StrCat("\"\r\n", std::string(1, delimiter));
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& cell = cells[i];
    if (i > 0) text.push_back(delimiter);
    const bool quoted =
        cell.find_first_of(special) != std::string::npos ||
        absl::StripAsciiWhitespace(cell).size() != cell.size() ||
        (cells.size() == 1 && cell.empty());
    if (!quoted) {
      text.append(cell);
      continue;
    }
    absl::StrAppend(&text, "\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}),
                    "\"");
  }
  text.append("\r\n");
}

}  // namespace holysheep::cli
