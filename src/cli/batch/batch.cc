#include "cli/batch/batch.h"

#include <unistd.h>

#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/batch/batch_check.h"
#include "cli/batch/batch_estimate.h"
#include "cli/batch/batch_run.h"
#include "cli/batch/final_output.h"
#include "cli/batch/spool.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// A batch whose input has been read once.
struct Job {
  const Session& session;
  const BatchOptions& options;
  BatchSource source;
  InputSummary input;
  FinalOutput output;

  bool to_console() const { return options.output == "-"; }
  // Whether results are written in their final form only when all are there.
  bool has_journal() const {
    return output.format == ResultFormat::kCsv ||
           (output.format == ResultFormat::kOpenAi && !to_console());
  }
};

ExitCode Refuse(const Session& session, const absl::Status& status) {
  RefuseInput(session, status.message());
  return absl::IsUnavailable(status) ? kExitFailed : kExitUsage;
}

// An item may have an error in one run and an answer in a later one, so that
// errors are counted only where no answer exists.
BatchTally StartTally(const InputSummary& input, const FinishedItems& finished,
                      bool retry_errors) {
  BatchTally tally;
  tally.items = input.items;
  tally.earlier = finished.answered.size();
  if (!retry_errors) {
    tally.earlier += finished.failed.CountMissingIn(finished.answered);
  }
  return tally;
}

// Reports an error of the file or of the stream, with advice. That standard
// output cannot be written is reported by RunProgram.
ExitCode Explain(const Job& job, const std::string& lines,
                 const absl::Status& written, const absl::Status& stream) {
  if (!written.ok() && !job.session.console.out) return kExitFailed;
  if (!written.ok()) {
    RefuseInput(job.session,
                job.to_console()
                    ? std::string(written.message())
                    : absl::StrCat(written.message(), "; what is in ", lines,
                                   " is whole; go on with --resume"));
    return kExitFailed;
  }
  const ExitCode code = Fail(job.session, stream);
  if (!job.to_console()) {
    Warn(job.session, absl::StrCat(lines,
                                   " is whole as far as it goes; go on with "
                                   "--resume"));
  }
  return code;
}

// The number of errors in the output that no later line replaces.
int64_t ErrorsLeft(const FinishedItems& finished, const BatchTally& tally,
                   bool retry_errors) {
  if (retry_errors) return tally.failed;
  return tally.failed + finished.failed.CountMissingIn(finished.answered);
}

// Reports the end of a batch that ran to completion.
ExitCode Conclude(const Job& job, const FinishedItems& finished,
                  const BatchTally& tally) {
  const int64_t errors = ErrorsLeft(finished, tally, job.options.retry_errors);
  if (errors == 0) return kExitOk;
  Warn(job.session,
       absl::StrCat(Grouped(errors), " items failed",
                    job.to_console()
                        ? ""
                        : "; ask them again with --resume --retry-errors"));
  return kExitFailed;
}

// How a run ended. An incomplete one has items without a result.
struct Ending {
  ExitCode code = kExitFailed;
  bool complete = false;
};

// The order at the end: the output is made safe first, then the progress is
// closed, then the verdict is printed. `lines` is the path of `output`.
Ending Ask(const Job& job, BatchReader& reader, BatchOutput& output,
           const std::string& lines) {
  const Session& session = job.session;
  const FinishedItems& finished = output.finished();
  RemainingItems items(reader, finished, job.options.retry_errors);
  const absl::Time start = absl::Now();
  BatchProgress progress(session.console, start);
  BatchRun run({items, output, job.options.quiet ? nullptr : &progress},
               StartTally(job.input, finished, job.options.retry_errors),
               start);
  BatchEnds ends;
  ends.max_open = static_cast<size_t>(job.options.max_open);
  ends.next = [&run](pb::BatchItem& item) { return run.Next(item); };
  ends.on_result = [&run](const pb::BatchResult& result) {
    return run.OnResult(result);
  };
  const absl::Status stream = session.node.InvokeBatch(ends);
  const absl::Status written = run.Finish(stream);
  if (!job.options.quiet) progress.End(run.tally(), absl::Now());
  if (!written.ok() || !stream.ok()) {
    return {Explain(job, lines, written, stream), false};
  }
  const BatchTally& tally = run.tally();
  if (tally.earlier + tally.finished() != tally.items) {
    RefuseInput(session,
                absl::StrCat(job.source.name,
                             " has changed, or cannot be read to its end"));
    return {kExitFailed, false};
  }
  return {Conclude(job, finished, tally), true};
}

// Results to standard output. A CSV row needs its place in the order, so rows
// are kept until the end, however it comes.
ExitCode AskForConsole(const Job& job, BatchReader& reader,
                       const std::string& header) {
  const Console& console = job.session.console;
  if (!job.has_journal()) {
    const auto output = NewConsoleOutput(console, job.output.format);
    return Ask(job, reader, *output, "").code;
  }
  const auto file = TemporaryFile::Create();
  if (!file.ok()) return Refuse(job.session, file.status());
  Ending ending;
  {
    const auto output = OpenBatchOutput({file->path(), header, true});
    if (!output.ok()) return Refuse(job.session, output.status());
    ending = Ask(job, reader, **output, "");
  }
  const absl::Status status = WriteResults(
      job.source, job.input.items, file->path(), job.output,
      [&](absl::string_view text) {
        console.out << text;
        return console.out
                   ? absl::OkStatus()
                   : absl::UnavailableError("standard output is closed");
      });
  if (status.ok() || !console.out) return ending.code;
  return Refuse(job.session, status);
}

// The journal stays for a later run while an item lacks its answer.
ExitCode AskForFile(const Job& job, BatchReader& reader,
                    const std::string& header) {
  const std::string& path = job.options.output;
  const std::string lines =
      job.has_journal() ? absl::StrCat(path, ".part") : path;
  if (job.has_journal() && access(path.c_str(), F_OK) == 0 &&
      !(job.options.resume && access(lines.c_str(), F_OK) == 0)) {
    return Refuse(job.session,
                  absl::InvalidArgumentError(absl::StrCat(
                      path, " is there already",
                      job.options.resume ? absl::StrCat(" and has no ", lines,
                                                        " to go on from")
                                         : "",
                      "; choose another output")));
  }
  Ending ending;
  {
    const auto output = OpenBatchOutput({lines, header, job.options.resume});
    if (!output.ok()) return Refuse(job.session, output.status());
    ending = Ask(job, reader, **output, lines);
  }
  if (!job.has_journal() || !ending.complete) return ending.code;
  const absl::Status status =
      WriteResultsFile(job.source, job.input.items, lines, job.output, path);
  if (!status.ok()) {
    return Refuse(job.session, absl::UnavailableError(absl::StrCat(
                                   status.message(), "; the results are in ",
                                   lines, "; go on with --resume")));
  }
  if (ending.code == kExitOk) unlink(lines.c_str());
  return ending.code;
}

// The input is read a second time here. Its SHA-256 of the first reading is in
// the header, and a different number of items is noticed at the end.
ExitCode RunOn(const Job& job) {
  const auto file = OpenSource(job.source);
  if (!file.ok()) return Refuse(job.session, file.status());
  const auto reader = NewBatchReader(job.source.dress,
                                     MakeRequest(job.options.request), **file);
  if (!reader.ok()) return Refuse(job.session, reader.status());
  const std::string header = BatchHeader(job.source.dress, job.input.sha256);
  if (!job.options.dry_run) {
    return job.to_console() ? AskForConsole(job, **reader, header)
                            : AskForFile(job, **reader, header);
  }
  const auto finished =
      job.options.resume
          ? ReadBatchOutput(absl::StrCat(job.options.output,
                                         job.has_journal() ? ".part" : ""),
                            header)
          : FinishedItems();
  if (!finished.ok()) return Refuse(job.session, finished.status());
  RemainingItems items(**reader, *finished, job.options.retry_errors);
  return EstimateBatch(job.session, items);
}

// What of the command line cannot be, whatever the input is.
absl::Status CheckOptions(const BatchOptions& options) {
  if (options.retry_errors && !options.resume) {
    return absl::InvalidArgumentError("--retry-errors needs --resume");
  }
  if (options.resume && options.output == "-") {
    return absl::InvalidArgumentError(
        "--resume needs an output that is a file");
  }
  return absl::OkStatus();
}

// By the name of the output, else as the input.
char OutputDelimiter(const BatchOptions& options, const InputDress& dress) {
  if (absl::EndsWithIgnoreCase(options.output, ".tsv")) return '\t';
  return dress.format == BatchFormat::kCsv ? dress.delimiter : ',';
}

// `path` is that of the input or of its copy.
ExitCode RunFrom(const Session& session, const BatchOptions& options,
                 const std::string& path) {
  const bool is_stream = options.input == "-";
  const std::string name = is_stream ? "standard input" : options.input;
  const auto guess = GuessInput(path, name, is_stream, options.reading);
  if (!guess.ok()) return Refuse(session, guess.status());
  const auto format =
      ResultFormatOf(options.output_format, options.output, guess->is_openai);
  if (!format.ok()) return Refuse(session, format.status());
  for (const std::string& note : guess->notes) {
    Note(session, absl::StrCat(name, ": ", note));
  }
  const auto input = ScanInput(guess->source);
  if (!input.ok()) return Refuse(session, input.status());
  if (!AcceptsInput(session, options, guess->source, *input)) {
    return kExitUsage;
  }
  const FinalOutput output{
      *format, OutputDelimiter(options, guess->source.dress), !options.no_mark};
  return RunOn({session, options, guess->source, *input, output});
}

}  // namespace

ExitCode RunBatch(const Session& session, const BatchOptions& options) {
  const absl::Status fits = CheckOptions(options);
  if (!fits.ok()) return Refuse(session, fits);
  if (options.input != "-") return RunFrom(session, options, options.input);
  auto copy = TemporaryFile::Create();
  if (!copy.ok()) return Refuse(session, copy.status());
  const absl::Status filled = copy->Fill(session.console.in);
  if (!filled.ok()) return Refuse(session, filled);
  return RunFrom(session, options, copy->path());
}

}  // namespace holysheep::cli
