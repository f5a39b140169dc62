#pragma once

#include <cstdint>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace holysheep::cli {

// The bytes of an input without the byte order mark that it may begin with.
class TextBytes {
 public:
  explicit TextBytes(std::streambuf& in);

  // The next byte, taken or only looked at; eof() of the traits at the end.
  int Get();
  int Peek();

 private:
  std::streambuf& in_;
  // Read in search of a mark that was none. A pipe takes nothing back.
  std::string begun_;
  size_t next_ = 0;
};

// Lines of an input, counted from 1, their ends (LF or CRLF) and a byte order
// mark taken off.
class LineInput {
 public:
  explicit LineInput(std::streambuf& in);

  // Nothing at the end; an error for a line beyond kMaxRecordBytes, which is
  // passed over.
  std::optional<absl::StatusOr<std::string>> Next();

  // The line that Next gave.
  int64_t number() const { return number_; }

 private:
  TextBytes in_;
  int64_t number_ = 0;
};

// Rows of a CSV input as RFC 4180 has them: fields may be in quotes, and then
// hold commas, line ends and doubled quotes. Blank lines are passed over.
class CsvInput {
 public:
  using Row = std::vector<std::string>;

  explicit CsvInput(std::streambuf& in);

  std::optional<absl::StatusOr<Row>> Next();

  // Where the row that Next gave begins.
  int64_t number() const { return number_; }

 private:
  // The rest of a quoted field, after its first quote; false if it never ends.
  bool ReadQuoted(std::string& field);
  int Get();
  int Peek();
  void Keep(std::string& field, int byte);
  absl::StatusOr<Row> ReadRow();

  TextBytes in_;
  int64_t line_ = 1;
  int64_t number_ = 0;
  size_t row_bytes_ = 0;
};

}  // namespace holysheep::cli
