#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/bench/latency_histogram.h"

namespace holysheep::cli {

// One call of a benchmark.
struct CallSample {
  // When it ended, counted from the start of the run.
  absl::Duration ended;
  // From its start, or from when it should have started, to its end.
  absl::Duration latency;
  // To the first piece of text. Streams only.
  std::optional<absl::Duration> first_token;
  // Why it failed; empty if it did not.
  std::string failure;
  int64_t tokens = 0;
  bool cached = false;
  bool joined = false;
};

// How many calls ended in each slice of the run. Slices double in width rather
// than grow in number.
class Timeline {
 public:
  static constexpr size_t kMaxSlices = 120;

  struct Slice {
    int64_t succeeded = 0;
    int64_t failed = 0;
  };

  void Add(absl::Duration ended, bool succeeded);

  absl::Duration width() const { return width_; }
  const std::vector<Slice>& slices() const { return slices_; }

 private:
  absl::Duration width_ = absl::Milliseconds(10);
  std::vector<Slice> slices_;
};

// What was asked for.
struct BenchSetup {
  std::string target;  // the service's address
  int64_t calls = 0;
  int concurrency = 0;
  double rate =
      0;  // calls a second, started without regard to answers; 0: none
  bool stream = false;
  std::string prompts;  // which ones, in words
  bool batch = false;   // the calls were items of one batch

  // `, streamed` or `, in a batch`; empty for single calls.
  std::string Manner() const;
};

// What came of a benchmark. A value; times are of successful calls only.
struct BenchReport {
  BenchSetup setup;
  absl::Duration elapsed;
  int64_t succeeded = 0;
  int64_t failed = 0;
  std::map<std::string, int64_t> failures;  // by reason
  int64_t cached = 0;
  int64_t joined = 0;
  int64_t tokens = 0;
  LatencyHistogram latency;
  LatencyHistogram first_token;
  Timeline timeline;

  void Add(const CallSample& sample);
  // Ended calls a second.
  double Throughput() const;
};

// For people, `columns` wide.
std::string BenchText(const BenchReport& report, int columns);

// For programs: one JSON object and a line end.
std::string BenchJson(const BenchReport& report);

// A page with plots that needs nothing but itself; it is well-formed XML, too.
std::string BenchHtml(const BenchReport& report);

}  // namespace holysheep::cli
