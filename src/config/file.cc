#include "config/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "config/config_errors.h"

namespace holysheep::config {
// A file is opened once and asked through its descriptor, so that its
// permissions and its text belong to the same file.

namespace {

absl::Status CannotRead(int error) {
  if (error == ENOENT || error == ENOTDIR) return Refuse("no such file");
  if (error == EACCES) return Refuse("may not be read: permission denied");
  return Refuse(
      absl::StrCat("cannot be read: ", std::generic_category().message(error)));
}

}  // namespace

absl::StatusOr<FileContents> ReadFile(const std::string& path,
                                      size_t max_bytes) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return CannotRead(errno);
  const absl::Cleanup close_file = [file] { close(file); };

  struct stat status = {};
  if (fstat(file, &status) != 0) return CannotRead(errno);
  if (S_ISDIR(status.st_mode)) return Refuse("is a directory");

  FileContents contents;
  contents.world_readable =
      S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(file, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead(errno);
    // Happens on a reload if the file is a process substitution of the shell.
    if (count == 0 && contents.text.empty() && S_ISFIFO(status.st_mode)) {
      return Refuse("is a pipe with nothing in it; it can be read only once");
    }
    if (count == 0) return contents;
    contents.text.append(buffer, static_cast<size_t>(count));
    if (contents.text.size() > max_bytes) {
      return Refuse(absl::StrCat("is larger than ", max_bytes, " bytes"));
    }
  }
}

}  // namespace holysheep::config
