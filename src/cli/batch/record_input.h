#pragma once

#include <cstdint>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace holysheep::cli {

// The bytes of an input, without an optional byte order mark. `in` must outlive
// it, as for the classes below.
class TextBytes {
 public:
  explicit TextBytes(std::streambuf& in);

  // The next byte, consumed or not; the traits' eof() at the end.
  int Get();
  int Peek();

 private:
  std::streambuf& in_;
  // Bytes that were read in search of a mark and are not one. A pipe cannot
  // take them back.
  std::string begun_;
  size_t next_ = 0;
};

// The lines of an input, counted from 1, without their ends (LF or CRLF) and a
// byte order mark.
class LineInput {
 public:
  explicit LineInput(std::streambuf& in);

  // Returns nothing at the end, and an error for a line over kMaxRecordBytes,
  // which is skipped. A last line without an end counts.
  std::optional<absl::StatusOr<std::string>> Next();

  // The number of the line that Next returned.
  int64_t number() const { return number_; }

 private:
  TextBytes in_;
  int64_t number_ = 0;
};

// The rows of a CSV input (RFC 4180): fields may be quoted, and then contain
// commas, line ends and doubled quotes. Blank lines are skipped. A row has at
// most kMaxRecordBytes.
class CsvInput {
 public:
  using Row = std::vector<std::string>;

  explicit CsvInput(std::streambuf& in);

  // As LineInput::Next. After an error the next row is read from the line
  // behind it.
  std::optional<absl::StatusOr<Row>> Next();

  // The number of the line where the row that Next returned begins.
  int64_t number() const { return number_; }

 private:
  // Reads the rest of a quoted field, after its first quote; returns false if
  // it is not closed.
  bool ReadQuoted(std::string& field);
  int Get();
  int Peek();
  // Adds the byte to the field, unless the row is too long already.
  void Keep(std::string& field, int byte);
  // Reads a row to its end, whatever is wrong with it.
  absl::StatusOr<Row> ReadRow();

  TextBytes in_;
  int64_t line_ = 1;
  int64_t number_ = 0;
  // Bytes of the row so far, commas included.
  size_t row_bytes_ = 0;
};

}  // namespace holysheep::cli
