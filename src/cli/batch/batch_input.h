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

// A file that is read once from its beginning, and the SHA-256 of what was
// read. Pipes are refused, because a batch reads its input twice. Read
// sequentially only; one thread.
class InputFile : public std::streambuf {
 public:
  // The error that ended the reading; OK at the end of the file.
  virtual absl::Status status() const = 0;
  // The SHA-256 of all that has been read, in hex. Call it once.
  virtual std::string Sha256Hex() = 0;
};
// Opens a regular file. kNotFound if it cannot be opened, kInvalidArgument if
// it is not a regular file. Closed by the destructor.
absl::StatusOr<std::unique_ptr<InputFile>> OpenInputFile(
    const std::string& path);

// Opens `source` and converts it to UTF-8. As OpenInputFile.
absl::StatusOr<std::unique_ptr<InputFile>> OpenSource(
    const BatchSource& source);

// A set of ids, each stored as 8 bytes of its SHA-256, so that a million need 8
// MB. The chance that two of a million collide is 3 in 10^8. Add all, then
// Seal, then ask. One thread.
class IdSet {
 public:
  // Not after Seal.
  void Add(absl::string_view id) { digests_.push_back(DigestOf(id)); }
  // Sorts the set. Call it between the last Add and the first question. Drops
  // duplicates, of which it remembers one. Takes n log n time.
  void Seal();

  // REQUIRES: sealed. Logarithmic.
  bool Contains(absl::string_view id) const;
  // The number of different ids. REQUIRES: sealed.
  int64_t size() const { return static_cast<int64_t>(digests_.size()); }
  // The number of ids that are not in `other`.
  int64_t CountMissingIn(const IdSet& other) const;

  bool has_duplicates() const { return duplicate_.has_value(); }
  // Whether `id` is the one duplicate that this set remembers.
  bool IsDuplicate(absl::string_view id) const;

 private:
  // The first 8 bytes of its SHA-256.
  static uint64_t DigestOf(absl::string_view id);

  // Grows without copying its elements.
  std::deque<uint64_t> digests_;
  std::optional<uint64_t> duplicate_;
};

// A line of the input that is not an item.
struct BrokenLine {
  // From 1.
  int64_t line = 0;
  // Without the line's number or content.
  std::string problem;
};

// The result of reading a whole input once.
struct InputSummary {
  static constexpr size_t kMaxBrokenShown = 20;

  std::string sha256;  // of the file, in hex
  // Lines or rows that are items, and those that are not.
  int64_t items = 0;
  int64_t broken = 0;
  std::vector<BrokenLine> first_broken;  // at most kMaxBrokenShown
  // Rows that are odd and were read all the same: how many, and the first.
  int64_t odd = 0;
  BrokenLine first_odd;
  // Columns of a CSV file that are passed through.
  std::vector<std::string> own_columns;
};

// Reads the input once. Returns an error that names file and line if the file
// cannot be read or is in another encoding, the CSV header is unusable, or an
// id is a duplicate. Memory is bounded but for 8 bytes for each item. Blocks.
absl::StatusOr<InputSummary> ScanInput(const BatchSource& source);

}  // namespace holysheep::cli
