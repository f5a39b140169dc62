#include "cli/batch/batch.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/batch/batch_estimate.h"
#include "cli/batch/batch_run.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// The first broken line ends the run, unless broken lines are to be skipped.
bool AcceptsBroken(const Session& session, const BatchOptions& options,
                   const InputSummary& input) {
  if (input.broken == 0) return true;
  const auto place = [&](const BrokenLine& broken) {
    return absl::StrCat(options.input, ":", broken.line, ": ", broken.problem);
  };
  if (!options.skip_bad_lines) {
    RefuseInput(session,
                absl::StrCat(place(input.first_broken.front()), " (",
                             Grouped(input.broken),
                             " broken in all); nothing was asked; fix it, or "
                             "give --on-bad-line skip"));
    return false;
  }
  for (const BrokenLine& broken : input.first_broken) {
    Warn(session, absl::StrCat(place(broken), "; skipped"));
  }
  const int64_t rest =
      input.broken - static_cast<int64_t>(input.first_broken.size());
  if (rest > 0) {
    Warn(session, absl::StrCat(Grouped(rest), " more lines are skipped"));
  }
  return true;
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

// Reports an error of the file or of the stream, with advice.
ExitCode Explain(const Session& session, const BatchOptions& options,
                 const absl::Status& written, const absl::Status& stream) {
  if (!written.ok()) {
    RefuseInput(session,
                absl::StrCat(written.message(), "; what is in ", options.output,
                             " is whole; go on with --resume"));
    return kExitFailed;
  }
  const ExitCode code = Fail(session, stream);
  Warn(session, absl::StrCat(options.output,
                             " is whole as far as it goes; go on with "
                             "--resume"));
  return code;
}

// The number of errors in the output that no later line replaces.
int64_t ErrorsLeft(const FinishedItems& finished, const BatchTally& tally,
                   bool retry_errors) {
  if (retry_errors) return tally.failed;
  return tally.failed + finished.failed.CountMissingIn(finished.answered);
}

// Reports the end of a batch that ran to completion.
ExitCode Conclude(const Session& session, const BatchOptions& options,
                  const FinishedItems& finished, const BatchTally& tally) {
  if (tally.earlier + tally.finished() != tally.items) {
    RefuseInput(session,
                absl::StrCat(options.input,
                             " has changed, or cannot be read to its end"));
    return kExitFailed;
  }
  const int64_t errors = ErrorsLeft(finished, tally, options.retry_errors);
  if (errors == 0) return kExitOk;
  Warn(session, absl::StrCat(Grouped(errors),
                             " items failed; ask them again "
                             "with --resume --retry-errors"));
  return kExitFailed;
}

// The files of a batch.
struct Files {
  const InputSummary& input;
  BatchReader& reader;
  BatchOutput& output;
};

// The order at the end: the output is made safe first, then the progress is
// closed, then the verdict is printed.
ExitCode Ask(const Session& session, const BatchOptions& options,
             const Files& files) {
  const FinishedItems& finished = files.output.finished();
  RemainingItems items(files.reader, finished, options.retry_errors);
  const absl::Time start = absl::Now();
  BatchProgress progress(session.console, start);
  BatchRun run({items, files.output, options.quiet ? nullptr : &progress},
               StartTally(files.input, finished, options.retry_errors), start);
  BatchEnds ends;
  ends.max_open = static_cast<size_t>(options.max_open);
  ends.next = [&run](pb::BatchItem& item) { return run.Next(item); };
  ends.on_result = [&run](const pb::BatchResult& result) {
    return run.OnResult(result);
  };
  const absl::Status stream = session.node.InvokeBatch(ends);
  const absl::Status written = run.Finish(stream);
  if (!options.quiet) progress.End(run.tally(), absl::Now());
  if (!written.ok() || !stream.ok()) {
    return Explain(session, options, written, stream);
  }
  return Conclude(session, options, finished, run.tally());
}

// The input is read a second time here. Its SHA-256 of the first reading is in
// the header, and a different number of items is noticed at the end.
ExitCode RunOn(const Session& session, const BatchOptions& options,
               const InputSummary& input, BatchFormat format) {
  const auto file = OpenInputFile(options.input);
  if (!file.ok()) return RefuseInput(session, file.status().message());
  const auto reader =
      NewBatchReader(format, MakeRequest(options.request), **file);
  if (!reader.ok()) return RefuseInput(session, reader.status().message());
  const std::string header = BatchHeader(format, input.sha256);
  if (options.dry_run) {
    const auto finished = options.resume
                              ? ReadBatchOutput(options.output, header)
                              : FinishedItems();
    if (!finished.ok()) {
      return RefuseInput(session, finished.status().message());
    }
    RemainingItems items(**reader, *finished, options.retry_errors);
    return EstimateBatch(session, items);
  }
  const auto output = OpenBatchOutput({options.output, header, options.resume});
  if (!output.ok()) {
    RefuseInput(session, output.status().message());
    return absl::IsUnavailable(output.status()) ? kExitFailed : kExitUsage;
  }
  return Ask(session, options, {input, **reader, **output});
}

}  // namespace

ExitCode RunBatch(const Session& session, const BatchOptions& options) {
  if (options.retry_errors && !options.resume) {
    return RefuseInput(session, "--retry-errors needs --resume");
  }
  const auto format = BatchFormatOf(options.format, options.input);
  if (!format.ok()) return RefuseInput(session, format.status().message());
  const auto input = ScanInput(options.input, *format);
  if (!input.ok()) return RefuseInput(session, input.status().message());
  if (!AcceptsBroken(session, options, *input)) return kExitUsage;
  return RunOn(session, options, *input, *format);
}

}  // namespace holysheep::cli
