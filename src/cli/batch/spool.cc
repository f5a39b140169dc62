#include "cli/batch/spool.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace holysheep::cli {
namespace {

absl::Status NoRoom() {
  return absl::UnavailableError(
      absl::StrCat("cannot write a temporary file: ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<TemporaryFile> TemporaryFile::Create() {
  TemporaryFile made;
  made.file_.reset(std::tmpfile());
  if (made.file_ == nullptr) return NoRoom();
  return made;
}

std::string TemporaryFile::path() const {
  return absl::StrCat("/proc/self/fd/", fileno(file_.get()));
}

absl::Status TemporaryFile::Fill(std::istream& in) {
  std::array<char, 64 << 10> buffer;
  while (in) {
    in.read(buffer.data(), buffer.size());
    const auto size = static_cast<size_t>(in.gcount());
    if (std::fwrite(buffer.data(), 1, size, file_.get()) != size) {
      return NoRoom();
    }
  }
  if (in.bad()) {
    return absl::UnavailableError("the standard input cannot be read");
  }
  return std::fflush(file_.get()) == 0 ? absl::OkStatus() : NoRoom();
}

}  // namespace holysheep::cli
