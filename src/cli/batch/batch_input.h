#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/batch/batch_reader.h"

namespace holysheep::cli {

// A file read once from its begin, and the SHA-256 of what was read. Not for
// pipes: a batch reads its input twice.
class InputFile : public std::streambuf {
 public:
  // Why there is no more to read, unless that is the end of the file.
  virtual absl::Status status() const = 0;
  // Of all that has been read, in hex. Once.
  virtual std::string Sha256Hex() = 0;
};
absl::StatusOr<std::unique_ptr<InputFile>> OpenInputFile(
    const std::string& path);

// Ids, as 8 bytes of their SHA-256 each, so that a million takes 8 MB. That two
// of a million look alike has a chance of 3 in 10^8.
class IdSet {
 public:
  void Add(absl::string_view id) { digests_.push_back(DigestOf(id)); }
  // Between the last Add and the first question.
  void Seal();

  bool Contains(absl::string_view id) const;
  // Different ones.
  int64_t size() const { return static_cast<int64_t>(digests_.size()); }
  // How many of these are not in `other`.
  int64_t CountMissingIn(const IdSet& other) const;

  bool has_duplicates() const { return duplicate_.has_value(); }
  // Whether `id` is the one of those added twice that this set remembers.
  bool IsDuplicate(absl::string_view id) const;

 private:
  static uint64_t DigestOf(absl::string_view id);

  // Grows without being copied.
  std::deque<uint64_t> digests_;
  std::optional<uint64_t> duplicate_;
};

struct BrokenLine {
  int64_t line = 0;
  std::string problem;
};

// What a whole input holds.
struct InputSummary {
  static constexpr size_t kMaxBrokenShown = 20;

  std::string sha256;  // of the file, in hex
  int64_t items = 0;
  int64_t broken = 0;
  std::vector<BrokenLine> first_broken;  // at most kMaxBrokenShown
};

// Reads the input once. The error is for a file that cannot be read, a useless
// CSV header, or an id that is there twice, and names file and line.
absl::StatusOr<InputSummary> ScanInput(const std::string& path,
                                       BatchFormat format);

}  // namespace holysheep::cli
