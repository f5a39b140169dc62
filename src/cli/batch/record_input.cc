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
  for (; byte != kEnd && byte != '\n'; byte = in_.Get()) {
    too_long = too_long || line.size() == kMaxRecordBytes;
    if (!too_long) line.push_back(static_cast<char>(byte));
  }
  if (too_long) return TooLong();
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

CsvInput::CsvInput(std::streambuf& in) : in_(in) {}

int CsvInput::Get() {
  const int byte = in_.Get();
  if (byte == '\n') ++line_;
  return byte;
}

int CsvInput::Peek() { return in_.Peek(); }

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

}  // namespace holysheep::cli
