#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/batch/batch_input.h"
#include "cli/batch/batch_output.h"
#include "cli/batch/result_format.h"
#include "cli/terminal/console.h"

namespace holysheep::cli {

// What becomes of the lines that a batch has written (the journal).
struct FinalOutput {
  ResultFormat format = ResultFormat::kJsonLines;
  char delimiter = ',';  // of CSV
  // Whether CSV begins with a byte order mark, by which Excel knows UTF-8.
  bool has_mark = true;
};

// Writes the results of the journal at `journal` in the order of `source`, in
// the form of `output`, by `write`. Items without a result are left out. Needs
// 8 bytes for each of the `items`. Returns the first error of a file or of
// `write`. Blocks.
absl::Status WriteResults(
    const BatchSource& source, int64_t items, const std::string& journal,
    const FinalOutput& output,
    const std::function<absl::Status(absl::string_view)>& write);

// Writes them into a file at `path`, which is readable by its owner only and is
// there in whole or not at all; one that was there is replaced. UNAVAILABLE if
// it cannot be written.
absl::Status WriteResultsFile(const BatchSource& source, int64_t items,
                              const std::string& journal,
                              const FinalOutput& output,
                              const std::string& path);

// Returns an output that writes each result to `console.out` at once, in our
// own form or in OpenAI's, without a header. UNAVAILABLE once that fails.
std::unique_ptr<BatchOutput> NewConsoleOutput(const Console& console,
                                              ResultFormat format);

}  // namespace holysheep::cli
