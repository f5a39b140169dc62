#include "cli/record_input.h"

#include <utility>

#include "absl/status/status.h"
#include "cli/batch_reader.h"

namespace holysheep {
namespace {

constexpr int kEnd = std::streambuf::traits_type::eof();

void SkipByteOrderMark(std::streambuf& in) {
  if (in.sgetc() != 0xEF) return;
  // No text begins with half a mark: what is no mark is no UTF-8 either.
  for (int i = 0; i < 3; ++i) in.sbumpc();
}

absl::Status TooLong() {
  return absl::InvalidArgumentError("longer than 16 MiB");
}

}  // namespace

LineInput::LineInput(std::streambuf& in) : in_(in) { SkipByteOrderMark(in); }

std::optional<absl::StatusOr<std::string>> LineInput::Next() {
  int byte = in_.sbumpc();
  if (byte == kEnd) return std::nullopt;
  ++number_;
  std::string line;
  bool too_long = false;
  for (; byte != kEnd && byte != '\n'; byte = in_.sbumpc()) {
    too_long = too_long || line.size() == kMaxRecordBytes;
    if (!too_long) line.push_back(static_cast<char>(byte));
  }
  if (too_long) return TooLong();
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

CsvInput::CsvInput(std::streambuf& in) : in_(in) { SkipByteOrderMark(in); }

int CsvInput::Get() {
  const int byte = in_.sbumpc();
  if (byte == '\n') ++line_;
  return byte;
}

int CsvInput::Peek() { return in_.sgetc(); }

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

absl::StatusOr<CsvInput::Row> CsvInput::ReadRow() {
  Row row(1);
  absl::Status problem;
  bool quoted = false;  // this field, which has ended
  for (int byte = Get(); byte != kEnd && byte != '\n'; byte = Get()) {
    if (byte == ',') {
      ++row_bytes_;
      if (row_bytes_ <= kMaxRecordBytes) row.emplace_back();
      quoted = false;
    } else if (byte == '\r' && (Peek() == '\n' || Peek() == kEnd)) {
      continue;
    } else if (byte == '"' && row.back().empty() && !quoted) {
      quoted = true;
      if (!ReadQuoted(row.back())) {
        problem = absl::InvalidArgumentError("a quote is not closed");
      }
    } else {
      if (quoted) {
        problem = absl::InvalidArgumentError(
            "text follows a closing quote; double the quotes inside a field");
      }
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
  return ReadRow();
}

}  // namespace holysheep
