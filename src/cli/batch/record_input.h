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

// The lines of an input, counted from 1, without their ends (LF, CRLF or CR)
// and a byte order mark.
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
// delimiters, line ends and doubled quotes. A row ends with LF, CRLF or CR.
// Blank lines are skipped. A row has at most kMaxRecordBytes.
class CsvInput {
 public:
  using Row = std::vector<std::string>;

  // `delimiter` is between fields; one ASCII character that is neither a quote
  // nor a line end.
  CsvInput(std::streambuf& in, char delimiter);

  // Passes over the first line, whatever it holds. Before any row.
  void SkipLine();

  // As LineInput::Next. After an error the next row is read from the line
  // behind it.
  std::optional<absl::StatusOr<Row>> Next();

  // The number of the line where the row that Next returned begins.
  int64_t number() const { return number_; }
  // Whether that row has a quote in a field that is not quoted, which was read
  // as a character like any other.
  bool has_stray_quote() const { return has_stray_quote_; }

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
  // Whether `byte`, which Get has returned, ends a line outside of quotes.
  // Takes the second byte of a CRLF.
  bool EndsLine(int byte);

  TextBytes in_;
  const char delimiter_;
  bool has_stray_quote_ = false;
  int64_t line_ = 1;
  int64_t number_ = 0;
  // Bytes of the row so far, delimiters included.
  size_t row_bytes_ = 0;
};

}  // namespace holysheep::cli
