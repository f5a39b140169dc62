#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "load/latency_histogram.h"

namespace holysheep::cli {

// The measurements of one call. A value; made by the threads that make calls.
struct CallSample {
  // The time of its end, since the start of the run.
  absl::Duration ended;
  // From its start, or from when it should have started, to its end.
  absl::Duration latency;
  // From the same start to the first piece of text; for streams only.
  std::optional<absl::Duration> first_token;
  // The reason of its failure; empty if it succeeded.
  std::string failure;
  // Tokens of the answer, as the service counts them; and whether it came from
  // the cache or from another call under way.
  int64_t tokens = 0;
  bool cached = false;
  bool joined = false;
};

// The number of calls that ended in each slice of the run. When there are too
// many slices, their width doubles.
class Timeline {
 public:
  static constexpr size_t kMaxSlices = 120;

  struct Slice {
    int64_t succeeded = 0;
    int64_t failed = 0;
  };

  // `ended` counts from the start of the run; negative counts as 0. In any
  // order.
  void Add(absl::Duration ended, bool succeeded);

  // The width of each slice.
  absl::Duration width() const { return width_; }
  const std::vector<Slice>& slices() const { return slices_; }

 private:
  absl::Duration width_ = absl::Milliseconds(10);
  std::vector<Slice> slices_;
};

// The parameters of a benchmark. A value; shown with the results, so that a
// report explains itself.
struct BenchSetup {
  std::string target;  // the service's address
  int64_t calls = 0;
  int concurrency = 0;
  double rate = 0;  // calls a second, started regardless of answers; 0: none
  bool stream = false;
  // See PromptPlan::Describe.
  std::string prompts;  // in words
  bool batch = false;   // the calls were items of one batch

  // Returns `, streamed` or `, in a batch`; empty for single calls.
  std::string Manner() const;
};

// The result of a benchmark. A value. Times are those of successful calls.
struct BenchReport {
  BenchSetup setup;
  absl::Duration elapsed;
  int64_t succeeded = 0;
  int64_t failed = 0;
  std::map<std::string, int64_t> failures;  // by reason
  int64_t cached = 0;
  int64_t joined = 0;
  int64_t tokens = 0;
  load::LatencyHistogram latency;
  load::LatencyHistogram first_token;
  Timeline timeline;

  // Failed calls count in `failed`, `failures`, `elapsed` and `timeline` only.
  void Add(const CallSample& sample);
  // Calls that ended, per second. 0 if nothing has ended.
  double Throughput() const;
};

// The report for people, `columns` wide. Without successful calls it has counts
// only.
std::string BenchText(const BenchReport& report, int columns);

// The report for programs: one JSON object and a line end.
std::string BenchJson(const BenchReport& report);

// A self-contained page with plots, which is also well-formed XML.
std::string BenchHtml(const BenchReport& report);

}  // namespace holysheep::cli
