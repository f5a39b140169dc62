#include "cli/batch/final_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <ostream>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/batch/batch_json.h"
#include "cli/batch/record_input.h"
#include "json/json.h"

namespace holysheep::cli {
namespace {

using Write = std::function<absl::Status(absl::string_view)>;

absl::Status Changed(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot read ", path, ": it has changed"));
}

// Returns the position of an item in its input, or -1.
int64_t IndexOf(absl::string_view line) {
  const auto members = JsonMembers(line);
  int64_t index = -1;
  if (!members.ok()) return index;
  for (const JsonMember& member : *members) {
    if (member.name != "index") continue;
    const absl::string_view digits =
        absl::StripSuffix(absl::StripPrefix(member.value, "\""), "\"");
    if (!absl::SimpleAtoi(digits, &index)) return -1;
  }
  return index;
}

// Returns where in the journal the last result of each item begins, or -1. A
// journal has no byte outside its lines, whose ends are LF.
absl::StatusOr<std::vector<int64_t>> Places(const std::string& journal,
                                            int64_t items) {
  const auto file = OpenInputFile(journal);
  if (!file.ok()) return file.status();
  std::vector<int64_t> places(static_cast<size_t>(items), -1);
  LineInput lines(**file);
  int64_t place = 0;
  while (const auto line = lines.Next()) {
    if (!line->ok()) return line->status();
    const int64_t index = IndexOf(**line);
    if (index >= 0 && index < items) {
      places[static_cast<size_t>(index)] = place;
    }
    place += static_cast<int64_t>((*line)->size()) + 1;
  }
  if (!(*file)->status().ok()) return (*file)->status();
  return places;
}

absl::StatusOr<pb::BatchResult> ResultAt(std::ifstream& journal,
                                         const std::string& path,
                                         int64_t place) {
  std::string line;
  journal.clear();
  journal.seekg(place);
  if (!std::getline(journal, line)) return Changed(path);
  return BatchResultFromJson(line);
}

// Passes the header of a CSV output to `write`.
absl::Status WriteHeader(const CsvResults& rows, const FinalOutput& output,
                         const Write& write) {
  if (output.format != ResultFormat::kCsv) return absl::OkStatus();
  return write(
      absl::StrCat(output.has_mark ? "\xEF\xBB\xBF" : "", rows.Header()));
}

absl::Status CannotWriteResults(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

class ConsoleOutput final : public BatchOutput {
 public:
  ConsoleOutput(const Console& console, ResultFormat format)
      : console_(console), format_(format) {
    finished_.answered.Seal();
    finished_.failed.Seal();
  }

  const FinishedItems& finished() const override { return finished_; }

  absl::Status Append(const pb::BatchResult& result,
                      absl::string_view columns) override {
    console_.out << (format_ == ResultFormat::kOpenAi
                         ? OpenAiResultLine(result,
                                            absl::ToUnixSeconds(absl::Now()))
                         : BatchResultLine(result, columns))
                 << std::flush;
    return Sync();
  }

  absl::Status Sync() override {
    return console_.out ? absl::OkStatus()
                        : absl::UnavailableError("standard output is closed");
  }

 private:
  const Console& console_;
  const ResultFormat format_;
  FinishedItems finished_;
};

}  // namespace

absl::Status WriteResults(const BatchSource& source, int64_t items,
                          const std::string& journal, const FinalOutput& output,
                          const Write& write) {
  const auto places = Places(journal, items);
  if (!places.ok()) return places.status();
  const auto file = OpenSource(source);
  if (!file.ok()) return file.status();
  const auto reader = NewBatchReader(source.dress, {}, **file);
  if (!reader.ok()) return reader.status();
  const CsvResults rows((*reader)->columns(), output.delimiter);
  std::ifstream results(journal);
  absl::Status status = WriteHeader(rows, output, write);
  size_t index = 0;
  while (status.ok()) {
    const auto record = (*reader)->Next();
    if (!record) return (*file)->status();
    if (!record->item.ok()) continue;
    if (index == places->size()) return Changed(source.name);
    const int64_t place = (*places)[index++];
    if (place < 0) continue;
    const auto result = ResultAt(results, journal, place);
    if (!result.ok()) return result.status();
    status = write(
        output.format == ResultFormat::kCsv
            ? rows.Row(*record->item, record->cells, *result)
            : OpenAiResultLine(*result, absl::ToUnixSeconds(absl::Now())));
  }
  return status;
}

// The file gets its name only when it is complete and on the disk.
absl::Status WriteResultsFile(const BatchSource& source, int64_t items,
                              const std::string& journal,
                              const FinalOutput& output,
                              const std::string& path) {
  std::string unfinished = absl::StrCat(path, ".XXXXXX");
  const int made = mkostemp(unfinished.data(), O_CLOEXEC);
  if (made < 0) return CannotWriteResults(path);
  const auto remove = absl::MakeCleanup([&] { unlink(unfinished.c_str()); });
  std::FILE* file = fdopen(made, "w");
  absl::Status status =
      WriteResults(source, items, journal, output, [&](absl::string_view text) {
        return std::fwrite(text.data(), 1, text.size(), file) == text.size()
                   ? absl::OkStatus()
                   : CannotWriteResults(path);
      });
  if (status.ok() && (std::fflush(file) != 0 || fdatasync(made) != 0)) {
    status = CannotWriteResults(path);
  }
  if (std::fclose(file) != 0 && status.ok()) status = CannotWriteResults(path);
  if (!status.ok()) return status;
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return CannotWriteResults(path);
  }
  return absl::OkStatus();
}

std::unique_ptr<BatchOutput> NewConsoleOutput(const Console& console,
                                              ResultFormat format) {
  return std::make_unique<ConsoleOutput>(console, format);
}

}  // namespace holysheep::cli
