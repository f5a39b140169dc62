#include "cli/batch/batch_input.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "cli/batch/text_encoding.h"

namespace holysheep::cli {
namespace {

// The hash covers every byte that underflow has delivered, so the file must be
// read sequentially and to its end.
class HashedFile final : public InputFile {
 public:
  HashedFile(int file, std::string path)
      : file_(file), path_(std::move(path)), hash_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
  }
  ~HashedFile() override { close(file_); }

  absl::Status status() const override { return status_; }

  std::string Sha256Hex() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(hash_.get(), digest.data(), &size);
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* hash) const { EVP_MD_CTX_free(hash); }
  };

  int_type underflow() override {
    ssize_t size = 0;
    do {
      size = read(file_, buffer_.data(), buffer_.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
      status_ = absl::UnavailableError(
          absl::StrCat("cannot read ", path_, ": ", std::strerror(errno)));
    }
    if (size <= 0) return traits_type::eof();
    EVP_DigestUpdate(hash_.get(), buffer_.data(), static_cast<size_t>(size));
    setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
    return traits_type::to_int_type(buffer_[0]);
  }

  const int file_;
  const std::string path_;
  const std::unique_ptr<EVP_MD_CTX, Free> hash_;
  absl::Status status_;
  std::array<char, 64 << 10> buffer_{};
};

absl::Status At(const BatchSource& source, int64_t line,
                absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(source.name, ":", line, ": ", problem));
}

absl::StatusOr<std::unique_ptr<BatchReader>> ReaderOf(const BatchSource& source,
                                                      InputFile& file) {
  auto reader = NewBatchReader(source.dress, {}, file);
  if (!file.status().ok()) return file.status();
  const int64_t line = source.dress.has_separator_line ? 2 : 1;
  if (!reader.ok()) return At(source, line, reader.status().message());
  return reader;
}

// Passes every record to `take` until that returns an error.
template <typename Take>
absl::Status ForEachRecord(BatchReader& reader, const InputFile& file,
                           Take take) {
  while (const auto record = reader.Next()) {
    absl::Status status = take(*record);
    if (!status.ok()) return status;
  }
  return file.status();
}

// Finds the line with the duplicate id, for the message. A second reading,
// which only a faulty input has to pay for: line numbers of all ids would need
// far more memory.
absl::Status DuplicateIn(const BatchSource& source, const IdSet& ids) {
  const auto file = OpenSource(source);
  if (!file.ok()) return file.status();
  const auto reader = ReaderOf(source, **file);
  if (!reader.ok()) return reader.status();
  int64_t first = 0;
  const absl::Status status =
      ForEachRecord(**reader, **file, [&](const BatchRecord& record) {
        if (!record.item.ok() || !ids.IsDuplicate(record.item->id())) {
          return absl::OkStatus();
        }
        if (first > 0) {
          return At(source, record.line,
                    absl::StrCat("id `", record.item->id(),
                                 "` is that of line ", first, ", too"));
        }
        first = record.line;
        return absl::OkStatus();
      });
  return status.ok() ? At(source, first, "the input has changed") : status;
}

void Count(const BatchRecord& record, IdSet& ids, InputSummary& summary) {
  if (!record.note.empty() && ++summary.odd == 1) {
    summary.first_odd = {record.line, record.note};
  }
  if (record.item.ok()) {
    ++summary.items;
    ids.Add(record.item->id());
  } else if (++summary.broken <=
             static_cast<int64_t>(InputSummary::kMaxBrokenShown)) {
    summary.first_broken.push_back(
        {record.line, std::string(record.item.status().message())});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<InputFile>> OpenInputFile(
    const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  struct stat about {};
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
    close(file);
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     " is not a regular file; a batch reads its input twice, "
                     "so save it first, or pipe it to `-`"));
  }
  return std::make_unique<HashedFile>(file, path);
}

void IdSet::Seal() {
  std::sort(digests_.begin(), digests_.end());
  const auto twice = std::adjacent_find(digests_.begin(), digests_.end());
  if (twice == digests_.end()) return;
  duplicate_ = *twice;
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
}

bool IdSet::Contains(absl::string_view id) const {
  return std::binary_search(digests_.begin(), digests_.end(), DigestOf(id));
}

int64_t IdSet::CountMissingIn(const IdSet& other) const {
  return std::count_if(digests_.begin(), digests_.end(), [&](uint64_t digest) {
    return !std::binary_search(other.digests_.begin(), other.digests_.end(),
                               digest);
  });
}

bool IdSet::IsDuplicate(absl::string_view id) const {
  return duplicate_ == DigestOf(id);
}

uint64_t IdSet::DigestOf(absl::string_view id) {
  const std::string digest = Sha256(id);
  uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof(number));
  return number;
}

absl::StatusOr<std::unique_ptr<InputFile>> OpenSource(
    const BatchSource& source) {
  auto file = OpenInputFile(source.path);
  if (!file.ok()) return file.status();
  return Decoded(*std::move(file), source.dress.encoding, source.name);
}

absl::StatusOr<InputSummary> ScanInput(const BatchSource& source) {
  const auto file = OpenSource(source);
  if (!file.ok()) return file.status();
  const auto reader = ReaderOf(source, **file);
  if (!reader.ok()) return reader.status();
  InputSummary summary;
  IdSet ids;
  const absl::Status status =
      ForEachRecord(**reader, **file, [&](const BatchRecord& record) {
        Count(record, ids, summary);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  ids.Seal();
  if (ids.has_duplicates()) return DuplicateIn(source, ids);
  summary.sha256 = (*file)->Sha256Hex();
  summary.own_columns = (*reader)->columns().OwnNames();
  return summary;
}

}  // namespace holysheep::cli
