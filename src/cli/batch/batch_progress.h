#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "cli/terminal/console.h"
#include "cli/terminal/decimal_sum.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// What became of a batch so far.
struct BatchTally {
  int64_t items = 0;    // of the input
  int64_t earlier = 0;  // finished by earlier runs
  // Of this run.
  int64_t succeeded = 0;
  int64_t failed = 0;
  int64_t hits = 0;  // from the cache, or joined
  DecimalSum cost;   // US dollars, as `saved`
  DecimalSum saved;

  void Add(const pb::BatchResult& result);
  int64_t finished() const { return succeeded + failed; }
};

// One line: how much is done, how fast, how long it still takes, what it cost.
// With `bar` columns of a bar before it; 0 is none.
std::string ProgressLine(const BatchTally& tally, absl::Duration elapsed,
                         int bar);

// Keeps people informed on `err`: a bar that is redrawn on a terminal, a line
// now and then elsewhere. Is told the time.
class BatchProgress {
 public:
  BatchProgress(const Console& console, absl::Time start)
      : console_(console), start_(start), shown_(start) {}

  // If it is time to.
  void Show(const BatchTally& tally, absl::Time now);
  // The last word, and a line end.
  void End(const BatchTally& tally, absl::Time now);

 private:
  const Console& console_;
  const absl::Time start_;
  absl::Time shown_;
};

}  // namespace holysheep::cli
