#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep::cli {

// The end of the reading of a text.
enum class ReadEnd { kText, kEnd, kStopped };

// Reads texts that a person edits on the terminal: standard input and output.
class LineEditor {
 public:
  virtual ~LineEditor() = default;

  // Blocks until Enter (kText), the end of the input (kEnd) or Stop
  // (kStopped). A paste is part of one text, however many lines it has. Called
  // on one thread.
  virtual ReadEnd Read(std::string& text) = 0;

  // Ends the Read under way, or else the next one. Thread-safe.
  virtual void Stop() = 0;
};

struct LineEditorOptions {
  // The file of the history, see AddToHistory; empty keeps it in memory only.
  std::string history_file;
  bool colour = false;
};

std::unique_ptr<LineEditor> NewLineEditor(const LineEditorOptions& options);

// Makes a text of the bytes that a terminal sends for a paste: valid UTF-8
// whose line ends are `\n`, with none at the end, and without control
// characters other than tabs.
std::string PastedText(absl::string_view raw);

}  // namespace holysheep::cli
