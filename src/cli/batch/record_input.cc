#include "cli/batch/record_input.h"

#include <utility>

#include "absl/status/status.h"
#include "cli/batch/batch_reader.h"

namespace holysheep::cli {
namespace {

// Different from every byte.
constexpr int kEnd = std::streambuf::traits_type::eof();

absl::Status TooLong() {
  return absl::InvalidArgumentError("longer than 16 MiB");
}

}  // namespace

// Bytes are taken one by one: a stream may hold fewer than three, or begin like
// a mark without being one.
TextBytes::TextBytes(std::streambuf& in) : in_(in) {
  for (const int byte : {0xEF, 0xBB, 0xBF}) {
    if (in_.sgetc() != byte) return;
    begun_.push_back(static_cast<char>(in_.sbumpc()));
  }
  begun_.clear();
}

int TextBytes::Get() {
  const int byte = Peek();
  if (next_ < begun_.size()) {
    ++next_;
  } else {
    in_.sbumpc();
  }
  return byte;
}

int TextBytes::Peek() {
  return next_ < begun_.size() ? static_cast<unsigned char>(begun_[next_])
                               : in_.sgetc();
}

LineInput::LineInput(std::streambuf& in) : in_(in) {}

// A line over the bound is read to its end without being kept, so that the next
// one is found.
std::optional<absl::StatusOr<std::string>> LineInput::Next() {
  int byte = in_.Get();
  if (byte == kEnd) return std::nullopt;
  ++number_;
  std::string line;
  bool too_long = false;
  for (; byte != kEnd && byte != '\n' && byte != '\r'; byte = in_.Get()) {
    too_long = too_long || line.size() == kMaxRecordBytes;
    if (!too_long) line.push_back(static_cast<char>(byte));
  }
  if (byte == '\r' && in_.Peek() == '\n') in_.Get();
  if (too_long) return TooLong();
  return line;
}

CsvInput::CsvInput(std::streambuf& in, char delimiter)
    : in_(in), delimiter_(delimiter) {}

void CsvInput::SkipLine() {
  for (int byte = Get(); byte != kEnd && !EndsLine(byte); byte = Get()) {
  }
}

// A CRLF counts as one line, by its second byte.
int CsvInput::Get() {
  const int byte = in_.Get();
  if (byte == '\n' || (byte == '\r' && Peek() != '\n')) ++line_;
  return byte;
}

int CsvInput::Peek() { return in_.Peek(); }

bool CsvInput::EndsLine(int byte) {
  if (byte == '\r' && Peek() == '\n') Get();
  return byte == '\n' || byte == '\r';
}

void CsvInput::Keep(std::string& field, int byte) {
  if (++row_bytes_ <= kMaxRecordBytes) field.push_back(static_cast<char>(byte));
}

bool CsvInput::ReadQuoted(std::string& field) {
  while (true) {
    const int byte = Get();
    if (byte == kEnd) return false;
    if (byte == '"') {
      if (Peek() != '"') return true;
      Get();
    }
    Keep(field, byte);
  }
}

// Goes on after a fault, so that one broken row does not shift all others.
absl::StatusOr<CsvInput::Row> CsvInput::ReadRow() {
  Row row(1);
  absl::Status problem;
  bool quoted = false;  // this field, which has ended
  for (int byte = Get(); byte != kEnd && !EndsLine(byte); byte = Get()) {
    if (byte == delimiter_) {
      ++row_bytes_;
      if (row_bytes_ <= kMaxRecordBytes) row.emplace_back();
      quoted = false;
    } else if (byte == '"' && row.back().empty() && !quoted) {
      quoted = true;
      if (!ReadQuoted(row.back())) {
        problem = absl::InvalidArgumentError(
            "a quote is not closed before the end of the file, which may be "
            "cut off");
      }
    } else {
      if (quoted) {
        problem = absl::InvalidArgumentError(
            "text follows a closing quote; double the quotes inside a field");
      }
      has_stray_quote_ = has_stray_quote_ || byte == '"';
      Keep(row.back(), byte);
    }
  }
  if (row_bytes_ > kMaxRecordBytes) return TooLong();
  if (!problem.ok()) return problem;
  return row;
}

std::optional<absl::StatusOr<CsvInput::Row>> CsvInput::Next() {
  while (Peek() == '\n' || Peek() == '\r') Get();
  if (Peek() == kEnd) return std::nullopt;
  number_ = line_;
  row_bytes_ = 0;
  has_stray_quote_ = false;
  return ReadRow();
}

}  // namespace holysheep::cli
