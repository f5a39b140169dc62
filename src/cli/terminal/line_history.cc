#include "cli/terminal/line_history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace holysheep::cli {
// The history is a convenience: whatever goes wrong with its file, the
// conversation goes on. The file is replaced as a whole through a new one, so
// that a reader never sees half of it.

namespace {

// Longer texts are pasted ones, which nobody types again.
constexpr size_t kMaxTextBytes = 4096;
// Longer than any file that is written here; each byte may take two.
constexpr std::uintmax_t kMaxHistoryBytes =
    2 * kMaxHistoryLines * kMaxTextBytes;

// Prompts are private.
constexpr mode_t kHistoryMode = S_IRUSR | S_IWUSR;

// A text of several lines takes one line of the file.
std::string LineOf(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\n", "\\n"}});
}

std::string TextOf(absl::string_view line) {
  return absl::StrReplaceAll(line, {{"\\\\", "\\"}, {"\\n", "\n"}});
}

// Makes the folder of `path`; new ones are their owner's only.
void MakeFolderOf(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  std::error_code ignored;
  if (std::filesystem::exists(folder, ignored)) return;
  std::filesystem::create_directories(folder.parent_path(), ignored);
  mkdir(folder.c_str(), S_IRWXU);
}

// Whether the whole `text` is in a new file at `path`. O_EXCL after the unlink,
// so that a link that somebody has put there is not followed.
bool WriteNew(const std::string& path, absl::string_view text) {
  unlink(path.c_str());
  const int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kHistoryMode);
  if (file < 0) return false;
  const absl::Cleanup close_file = [file] { close(file); };
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Whether `path` is free, or a file that is not too large to be a history.
bool MayReplace(const std::string& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return errno == ENOENT;
  return S_ISREG(status.st_mode) &&
         static_cast<std::uintmax_t>(status.st_size) <= kMaxHistoryBytes;
}

}  // namespace

std::vector<std::string> ReadHistory(const std::string& path) {
  std::vector<std::string> texts;
  if (!MayReplace(path)) return texts;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) texts.push_back(TextOf(line));
  }
  if (texts.size() > kMaxHistoryLines) {
    texts.erase(texts.begin(), texts.end() - kMaxHistoryLines);
  }
  return texts;
}

void AddToHistory(const std::string& path, absl::string_view text) {
  if (text.empty() || text.size() > kMaxTextBytes) return;
  MakeFolderOf(path);
  if (!MayReplace(path)) return;
  // Read each time: another conversation may have added to it.
  std::vector<std::string> texts = ReadHistory(path);
  if (!texts.empty() && texts.back() == text) return;
  texts.emplace_back(text);
  if (texts.size() > kMaxHistoryLines) texts.erase(texts.begin());
  std::string lines;
  for (const std::string& each : texts) {
    absl::StrAppend(&lines, LineOf(each), "\n");
  }
  const std::string written = absl::StrCat(path, ".new-", getpid());
  if (!WriteNew(written, lines) ||
      std::rename(written.c_str(), path.c_str()) != 0) {
    unlink(written.c_str());
  }
}

}  // namespace holysheep::cli
