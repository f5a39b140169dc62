#include "cli/batch/batch_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "cli/batch/batch_json.h"
#include "cli/batch/record_input.h"

namespace holysheep::cli {
namespace {

// Answers are private, whatever the umask.
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

std::string Problem(absl::string_view doing, const std::string& path) {
  return absl::StrCat("cannot ", doing, " ", path, ": ", std::strerror(errno));
}

absl::Status CannotOpen(const std::string& path) {
  return absl::InvalidArgumentError(Problem("open", path));
}

// The file is the right one, but it cannot be written.
absl::Status CannotWrite(const std::string& path) {
  return absl::UnavailableError(Problem("write", path));
}

// The part of a file that consists of whole lines.
struct WholeLines {
  int64_t bytes = 0;
  int64_t lines = 0;
};

absl::StatusOr<WholeLines> FindWholeLines(const std::string& path) {
  const auto file = OpenInputFile(path);
  if (!file.ok()) return file.status();
  int64_t bytes = 0;
  WholeLines whole;
  constexpr int kEnd = std::streambuf::traits_type::eof();
  for (int byte = (*file)->sbumpc(); byte != kEnd; byte = (*file)->sbumpc()) {
    ++bytes;
    if (byte == '\n') whole = {bytes, whole.lines + 1};
  }
  if (!(*file)->status().ok()) return (*file)->status();
  return whole;
}

// The error for a file whose first line is `first`, and which is not this
// batch's output.
absl::Status NotOurs(const std::string& path, const std::string& first) {
  if (absl::StartsWith(first, "{\"batch\":")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        " belongs to another input (or this one has changed); choose "
        "another output"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is not the output of a batch; choose another one"));
}

// Reads `count` results.
absl::Status ReadResults(LineInput& lines, int64_t count,
                         FinishedItems& finished) {
  for (int64_t i = 0; i < count; ++i) {
    const auto line = lines.Next();
    if (!line) return absl::InvalidArgumentError("the file has changed");
    if (!line->ok()) return line->status();
    const auto item = FinishedItemFromJson(**line);
    if (!item.ok()) return item.status();
    (item->failed ? finished.failed : finished.answered).Add(item->id);
  }
  return absl::OkStatus();
}

// What follows the last line end was being written when a run ended, and is
// ignored.
absl::StatusOr<FinishedItems> Load(const std::string& path,
                                   const std::string& header) {
  const auto whole = FindWholeLines(path);
  if (!whole.ok()) return whole.status();
  const auto file = OpenInputFile(path);
  if (!file.ok()) return file.status();
  LineInput lines(**file);
  const auto first = lines.Next();
  FinishedItems finished;
  if (!first) return finished;
  const std::string begin = first->ok() ? **first : "a line too long";
  if (whole->lines == 0 && absl::StartsWith(header, begin)) {
    return finished;  // the first write was incomplete
  }
  if (whole->lines == 0 || begin + "\n" != header) return NotOurs(path, begin);
  const absl::Status status = ReadResults(lines, whole->lines - 1, finished);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", lines.number(), ": no result (",
                     status.message(), "); remove the line"));
  }
  finished.bytes = whole->bytes;
  finished.answered.Seal();
  finished.failed.Seal();
  return finished;
}

// Invariant: the file is `bytes_` long and ends with a line end, except during
// Write, which cuts off what it could not write whole.
class OutputFile final : public BatchOutput {
 public:
  OutputFile(int file, std::string path)
      : file_(file), path_(std::move(path)) {}
  ~OutputFile() override { close(file_); }

  absl::Status Begin(const OutputOptions& options) {
    struct stat about {};
    if (fstat(file_, &about) != 0) return CannotOpen(path_);
    if (!S_ISREG(about.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, " is not a regular file"));
    }
    if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("another run is writing to ", path_));
    }
    auto finished = Load(path_, options.header);
    if (!finished.ok()) return finished.status();
    finished_ = *std::move(finished);
    // A file of an earlier version may be readable by others. If this user does
    // not own it, only the owner can change that.
    static_cast<void>(fchmod(file_, about.st_mode & kOwnerOnly) == 0);
    if (ftruncate(file_, finished_.bytes) != 0) return CannotWrite(path_);
    bytes_ = finished_.bytes;
    return bytes_ > 0 ? absl::OkStatus() : Write(options.header);
  }

  const FinishedItems& finished() const override { return finished_; }

  absl::Status Append(const pb::BatchResult& result,
                      absl::string_view columns) override {
    return Write(BatchResultLine(result, columns));
  }

  absl::Status Sync() override {
    return fdatasync(file_) == 0 ? absl::OkStatus() : CannotWrite(path_);
  }

 private:
  absl::Status Write(const std::string& text) {
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t size = write(file_, text.data() + done, text.size() - done);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) {
        absl::Status status = CannotWrite(path_);
        // If that fails too, the next run does it.
        static_cast<void>(ftruncate(file_, bytes_) == 0);
        return status;
      }
      done += static_cast<size_t>(size);
    }
    bytes_ += static_cast<int64_t>(text.size());
    return absl::OkStatus();
  }

  const int file_;
  const std::string path_;
  FinishedItems finished_;
  int64_t bytes_ = 0;
};

}  // namespace

// A member `reading` is there only if the input is not read in the usual way,
// so that the outputs of earlier versions can be resumed.
std::string BatchHeader(const InputDress& dress,
                        const std::string& input_sha256) {
  std::string reading;
  for (const auto& [field, name] : dress.columns) {
    absl::StrAppend(&reading, field, "=", name, "\n");
  }
  if (!dress.encoding.empty() || dress.delimiter != ',' || !reading.empty()) {
    const std::string digest = Sha256(absl::StrCat(
        dress.encoding, "\n", std::string(1, dress.delimiter), reading));
    reading = absl::StrCat(",\"reading\":\"",
                           absl::BytesToHexString(digest.substr(0, 8)), "\"");
  }
  return absl::StrCat("{\"batch\":{\"version\":1,\"format\":\"",
                      BatchFormatName(dress.format), "\",\"input_sha256\":\"",
                      input_sha256, "\"", reading, "}}\n");
}

absl::StatusOr<FinishedItems> ReadBatchOutput(const std::string& path,
                                              const std::string& header) {
  if (access(path.c_str(), F_OK) != 0) return FinishedItems();
  return Load(path, header);
}

// O_EXCL, so that two runs cannot both create the file.
absl::StatusOr<std::unique_ptr<BatchOutput>> OpenBatchOutput(
    const OutputOptions& options) {
  const int flags =
      O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | (options.resume ? 0 : O_EXCL);
  const int file = open(options.path.c_str(), flags, kOwnerOnly);
  if (file < 0 && errno == EEXIST) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.path,
                     " is there already; continue it with --resume, or choose "
                     "another output"));
  }
  if (file < 0) return CannotOpen(options.path);
  auto output = std::make_unique<OutputFile>(file, options.path);
  const absl::Status status = output->Begin(options);
  if (!status.ok()) return status;
  return output;
}

}  // namespace holysheep::cli
