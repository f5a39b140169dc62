#include "cli/terminal/line_editor.h"

#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/utf8.h"
#include "cli/terminal/line_history.h"

namespace holysheep::cli {
namespace {

// A megabyte is more than any prompt, and keeps a stuck paste from filling the
// memory.
constexpr size_t kMaxPasteBytes = 1 << 20;
// Bracketed paste: asked for, no longer asked for, and the end of a paste.
constexpr char kPastesOn[] = "\x1b[?2004h";
constexpr char kPastesOff[] = "\x1b[?2004l";
constexpr absl::string_view kPasteEnd = "\x1b[201~";
// Marks what takes no room on the screen.
constexpr wchar_t kInvisible = 1;

// Characters are UTF-8 on this thread while it lives, as the service has them,
// whatever the locale of the process.
class Utf8Scope {
 public:
  Utf8Scope()
      : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(uselocale(locale_)) {}
  ~Utf8Scope() {
    uselocale(before_);
    if (locale_ != nullptr) freelocale(locale_);
  }
  Utf8Scope(const Utf8Scope&) = delete;
  Utf8Scope& operator=(const Utf8Scope&) = delete;

 private:
  const locale_t locale_;
  const locale_t before_;
};

// Standard input, byte by byte, until it ends or is stopped.
class StoppableInput {
 public:
  StoppableInput() : stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop_ < 0) std::abort();
  }
  ~StoppableInput() { close(stop_); }

  // May be called on any thread.
  void Stop() {
    const std::uint64_t one = 1;
    if (write(stop_, &one, sizeof(one)) != sizeof(one)) std::abort();
  }

  // Returns whether it was stopped, and lets it go on.
  bool TakeStop() {
    std::uint64_t count = 0;
    return read(stop_, &count, sizeof(count)) == sizeof(count);
  }

  // Returns none at the end and when stopped.
  std::optional<char> Next() {
    if (next_ == size_ && !Fill()) return std::nullopt;
    return buffer_[next_++];
  }

 private:
  bool Fill() {
    pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0) {
      if (errno != EINTR) return false;
    }
    if (watched[1].revents != 0) return false;
    const ssize_t count = read(STDIN_FILENO, buffer_, sizeof(buffer_));
    if (count <= 0) return false;
    next_ = 0;
    size_ = static_cast<size_t>(count);
    return true;
  }

  const int stop_;
  char buffer_[4096];
  size_t next_ = 0;
  size_t size_ = 0;
};

class LibeditEditor final : public LineEditor {
 public:
  explicit LibeditEditor(const LineEditorOptions& options)
      : options_(options),
        history_(history_init()),
        edit_(el_init("holysheepctl", stdin, stdout, stderr)) {
    if (history_ == nullptr || edit_ == nullptr) std::abort();
    const Utf8Scope utf8;
    SetUpHistory();
    el_set(edit_, EL_CLIENTDATA, this);
    el_wset(edit_, EL_PROMPT_ESC, Prompt, kInvisible);
    el_wset(edit_, EL_GETCFN, NextCharacter);
    el_set(edit_, EL_EDITOR, "emacs");
    el_set(edit_, EL_HIST, history, history_);
    el_set(edit_, EL_ADDFN, "holysheep-paste", "Insert a paste", Paste);
    Bind("\\e[200~", "holysheep-paste");
    Bind("^R", "em-inc-search-prev");
    Bind("\\e[3~", "ed-delete-next-char");
    Bind("\\e[1;5C", "em-next-word");
    Bind("\\e[1;5D", "ed-prev-word");
  }

  ~LibeditEditor() override {
    el_end(edit_);
    history_end(history_);
  }

  ReadEnd Read(std::string& text) override {
    const Utf8Scope utf8;
    el_resize(edit_);
    Say(kPastesOn);
    int size = 0;
    const char* line = el_gets(edit_, &size);
    Say(kPastesOff);
    if (input_.TakeStop()) return ReadEnd::kStopped;
    if (line == nullptr || size <= 0) return ReadEnd::kEnd;
    text.assign(line, static_cast<size_t>(size));
    absl::StripAsciiWhitespace(&text);
    Remember(text);
    return ReadEnd::kText;
  }

  void Stop() override { input_.Stop(); }

 private:
  static LibeditEditor& Of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<LibeditEditor*>(self);
  }

  static wchar_t* Prompt(EditLine* edit) {
    static constexpr wchar_t kPlain[] = L"> ";
    // Libedit loses a mark at the very end.
    static constexpr wchar_t kBold[] = L"\1\x1b[1m\1>\1\x1b[0m\1 ";
    // Only read, whatever the type says.
    return const_cast<wchar_t*>(Of(edit).options_.colour ? kBold : kPlain);
  }

  // Returns 1 with a character, and 0 at the end and when stopped.
  static int NextCharacter(EditLine* edit, wchar_t* character) {
    std::mbstate_t state{};
    while (true) {
      const std::optional<char> byte = Of(edit).input_.Next();
      if (!byte) return 0;
      const size_t size = std::mbrtowc(character, &*byte, 1, &state);
      if (size == static_cast<size_t>(-1)) state = {};
      if (size <= 1) return 1;
    }
  }

  // A paste is read to its end, so that no line end in it is an Enter.
  static unsigned char Paste(EditLine* edit, int) {
    LibeditEditor& self = Of(edit);
    std::string raw;
    bool fits = true;
    while (!absl::EndsWith(raw, kPasteEnd)) {
      const std::optional<char> byte = self.input_.Next();
      if (!byte) return CC_EOF;
      if (raw.size() >= kMaxPasteBytes) {
        fits = false;
        raw.erase(0, raw.size() - kPasteEnd.size());
      }
      raw.push_back(*byte);
    }
    const std::string text = PastedText(absl::StripSuffix(raw, kPasteEnd));
    if (!fits || el_insertstr(edit, text.c_str()) != 0) return CC_REFRESH_BEEP;
    return CC_REFRESH;
  }

  void Bind(const char* keys, const char* what) {
    el_set(edit_, EL_BIND, keys, what, nullptr);
  }

  static void Say(const char* sequence) {
    std::fputs(sequence, stdout);
    std::fflush(stdout);
  }

  void SetUpHistory() {
    HistEvent event;
    history(history_, &event, H_SETSIZE, static_cast<int>(kMaxHistoryLines));
    history(history_, &event, H_SETUNIQUE, 1);
    if (options_.history_file.empty()) return;
    for (const std::string& text : ReadHistory(options_.history_file)) {
      history(history_, &event, H_ENTER, text.c_str());
    }
  }

  void Remember(const std::string& text) {
    if (text.empty()) return;
    HistEvent event;
    history(history_, &event, H_ENTER, text.c_str());
    if (!options_.history_file.empty()) {
      AddToHistory(options_.history_file, text);
    }
  }

  const LineEditorOptions options_;
  StoppableInput input_;
  History* const history_;
  EditLine* const edit_;
};

}  // namespace

std::unique_ptr<LineEditor> NewLineEditor(const LineEditorOptions& options) {
  return std::make_unique<LibeditEditor>(options);
}

std::string PastedText(absl::string_view raw) {
  std::string text = absl::StrReplaceAll(raw, {{"\r\n", "\n"}, {"\r", "\n"}});
  std::erase_if(text, [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' &&
           c != '\t';
  });
  text.erase(text.find_last_not_of('\n') + 1);
  return ValidUtf8(text);
}

}  // namespace holysheep::cli
