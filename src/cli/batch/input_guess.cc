#include "cli/batch/input_guess.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/utf8.h"
#include "cli/batch/batch_input.h"
#include "cli/batch/csv_cells.h"
#include "cli/batch/openai_request.h"
#include "cli/batch/record_input.h"
#include "cli/batch/text_encoding.h"
#include "json/json_dom.h"

namespace holysheep::cli {
namespace {

constexpr size_t kBeginBytes = 64 << 10;

absl::StatusOr<std::string> BeginOf(const std::string& path) {
  const auto file = OpenInputFile(path);
  if (!file.ok()) return file.status();
  std::string begin(kBeginBytes, '\0');
  const auto size = (*file)->sgetn(begin.data(), kBeginBytes);
  begin.resize(static_cast<size_t>(std::max<std::streamsize>(size, 0)));
  if (!(*file)->status().ok()) return (*file)->status();
  return begin;
}

absl::Status CheckIsText(absl::string_view begin, const std::string& name) {
  const auto is_not_text = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is ", what));
  };
  if (absl::StartsWith(begin, "PK\x03\x04") ||
      absl::StartsWith(begin, "\xD0\xCF\x11\xE0")) {
    return is_not_text("a spreadsheet or an archive; save it as CSV first");
  }
  if (absl::StartsWith(begin, "\x1F\x8B")) {
    return is_not_text("compressed; unpack it first, with gunzip");
  }
  return absl::OkStatus();
}

// Cuts off a character that the end of `begin` may have split.
bool IsUtf8WithLetters(absl::string_view begin) {
  const size_t last = begin.find_last_of('\n');
  if (last != absl::string_view::npos) begin = begin.substr(0, last);
  return IsUtf8(begin) && std::any_of(begin.begin(), begin.end(), [](char c) {
           return !absl::ascii_isascii(static_cast<unsigned char>(c));
         });
}

// A byte order mark outweighs the flag: text in another encoding has none.
absl::Status ChooseEncoding(absl::string_view begin, const InputFlags& flags,
                            GuessedInput& input) {
  const EncodingGuess guess = GuessEncoding(begin);
  const std::string shown = guess.encoding.empty() ? "UTF-8" : guess.encoding;
  std::string& encoding = input.source.dress.encoding;
  encoding = guess.encoding;
  if (flags.encoding.empty()) {
    if (!guess.encoding.empty() && !guess.has_mark) {
      input.notes.push_back(absl::StrCat("read as ", shown,
                                         ", by its zero bytes; --encoding "
                                         "says otherwise"));
    }
    return absl::OkStatus();
  }
  const auto named = EncodingNamed(flags.encoding);
  if (!named.ok()) return named.status();
  if (guess.has_mark) {
    if (!absl::StartsWith(*named, "UTF-16") && *named != encoding) {
      input.notes.push_back(absl::StrCat("read as ", shown,
                                         ", by its byte order mark, and not "
                                         "as --encoding ",
                                         flags.encoding));
    }
    return absl::OkStatus();
  }
  encoding = *named;
  if (!encoding.empty() && IsUtf8WithLetters(begin)) {
    input.notes.push_back(absl::StrCat("read as ", flags.encoding,
                                       ", but it looks like UTF-8: if texts "
                                       "are wrong, leave --encoding out"));
  }
  return absl::OkStatus();
}

// The first line with any text, or nothing.
absl::StatusOr<std::string> FirstLine(const BatchSource& source) {
  const auto file = OpenSource(source);
  if (!file.ok()) return file.status();
  LineInput lines(**file);
  while (auto line = lines.Next()) {
    if (!line->ok() || !IsBlank(**line)) return *std::move(line);
  }
  if (!(*file)->status().ok()) return (*file)->status();
  return "";
}

// How well a delimiter explains the header: by its number of columns, but a
// query among them outweighs that.
int Fit(const std::string& header, char delimiter, const InputDress& dress) {
  std::stringbuf in(header);
  const auto row = CsvInput(in, delimiter).Next();
  if (!row || !row->ok() || (*row)->size() < 2) return 0;
  constexpr int kQuery = 1'000'000;
  const bool has_query =
      std::any_of((*row)->begin(), (*row)->end(), [&](const std::string& cell) {
        return RequestField(cell) == "query" ||
               std::any_of(dress.columns.begin(), dress.columns.end(),
                           [&](const auto& column) {
                             return column.second ==
                                    absl::StripAsciiWhitespace(cell);
                           });
      });
  return static_cast<int>((*row)->size()) + (has_query ? kQuery : 0);
}

char LikelyDelimiter(const std::string& header, const InputDress& dress) {
  char best = ',';
  int best_fit = 0;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const int fit = Fit(header, delimiter, dress);
    if (fit > best_fit) {
      best = delimiter;
      best_fit = fit;
    }
  }
  return best;
}

absl::Status ChooseDelimiter(const std::string& first, const InputFlags& flags,
                             GuessedInput& input) {
  InputDress& dress = input.source.dress;
  absl::string_view separator = first;
  dress.has_separator_line =
      absl::ConsumePrefix(&separator, "sep=") && separator.size() == 1;
  if (!flags.delimiter.empty()) {
    const auto named = DelimiterOf(flags.delimiter);
    if (named.ok()) dress.delimiter = *named;
    return named.status();
  }
  if (dress.has_separator_line) {
    const auto named = DelimiterOf(separator);
    if (!named.ok()) return named.status();
    dress.delimiter = *named;
  } else {
    dress.delimiter = LikelyDelimiter(first, dress);
  }
  if (dress.delimiter != ',') {
    input.notes.push_back(absl::StrCat("fields are parted by the ",
                                       DelimiterName(dress.delimiter),
                                       ", by the first line; "
                                       "--delimiter says otherwise"));
  }
  return absl::OkStatus();
}

absl::Status ReadColumns(const InputFlags& flags, InputDress& dress) {
  for (const std::string& column : flags.columns) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(column, absl::MaxSplits('=', 1));
    const absl::string_view field = RequestField(halves.first);
    if (field.empty() || halves.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--column `", column, "` must be FIELD=NAME, where ",
                       "FIELD is one of ", RequestFields()));
    }
    for (const auto& [known, name] : dress.columns) {
      if (known == field) {
        return absl::InvalidArgumentError(
            absl::StrCat("--column gives ", field, " twice"));
      }
    }
    dress.columns.emplace_back(field, halves.second);
  }
  return absl::OkStatus();
}

bool IsObject(const std::string& line) {
  JsonParser parser;
  const JsonValue* value = parser.Parse(line);
  return value != nullptr && value->IsObject();
}

// A stream has no name, so its first line decides.
void ChooseFormat(const std::string& first, const InputFlags& flags,
                  bool is_stream, GuessedInput& input) {
  InputDress& dress = input.source.dress;
  if (!flags.format.empty() || dress.format != BatchFormat::kLines) return;
  if (!is_stream) {
    if (IsObject(first)) {
      input.notes.push_back(
          "read as plain questions; if its lines are JSON, give --format "
          "jsonl");
    }
    return;
  }
  const char delimiter = LikelyDelimiter(first, dress);
  if (IsObject(first)) {
    dress.format = BatchFormat::kJsonLines;
  } else if (RequestField(first) == "query" ||
             Fit(first, delimiter, dress) > 1000) {
    dress.format = BatchFormat::kCsv;
  }
  input.notes.push_back(absl::StrCat("read as ", BatchFormatName(dress.format),
                                     ", by the first line; --format says "
                                     "otherwise"));
}

absl::Status CheckFlagsFit(const InputFlags& flags, const InputDress& dress) {
  if (dress.format == BatchFormat::kCsv ||
      (flags.columns.empty() && flags.delimiter.empty())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      flags.columns.empty() ? "--delimiter" : "--column",
      " is for CSV, and this is read as ", BatchFormatName(dress.format),
      "; if it is CSV, give --format csv"));
}

}  // namespace

absl::StatusOr<GuessedInput> GuessInput(const std::string& path,
                                        const std::string& name, bool is_stream,
                                        const InputFlags& flags) {
  const auto format = BatchFormatOf(flags.format, is_stream ? "" : path);
  if (!format.ok()) return format.status();
  GuessedInput input;
  input.source = {path, name, {*format}};
  InputDress& dress = input.source.dress;
  const auto begin = BeginOf(path);
  if (!begin.ok()) return begin.status();
  absl::Status status = CheckIsText(*begin, name);
  if (status.ok()) status = ChooseEncoding(*begin, flags, input);
  if (status.ok()) status = ReadColumns(flags, dress);
  if (!status.ok()) return status;
  auto first = FirstLine(input.source);
  if (!first.ok()) return first.status();
  absl::string_view line = *first;
  absl::ConsumePrefix(&line, "\xEF\xBB\xBF");
  const std::string text(line);
  ChooseFormat(text, flags, is_stream, input);
  status = CheckFlagsFit(flags, dress);
  if (status.ok() && dress.format == BatchFormat::kCsv) {
    status = ChooseDelimiter(text, flags, input);
  }
  if (!status.ok()) return status;
  if (dress.format == BatchFormat::kJsonLines) {
    JsonParser parser;
    const JsonValue* value = parser.Parse(text);
    input.is_openai = value != nullptr && IsOpenAiLine(*value);
  }
  return input;
}

}  // namespace holysheep::cli
