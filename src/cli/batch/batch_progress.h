#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/terminal/console.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/money.h"

namespace holysheep::cli {

namespace pb = node::v1;

// An amount as the service writes it; zero for what is not a decimal.
Money AmountOf(absl::string_view decimal);

// The results of a batch so far.
struct BatchTally {
  int64_t items = 0;    // of the input
  int64_t earlier = 0;  // finished by earlier runs
  // The items of this run.
  int64_t succeeded = 0;
  // Answered with an error.
  int64_t failed = 0;
  int64_t hits = 0;  // from the cache, or joined
  Money cost;        // US dollars, as `saved`
  Money saved;

  // Counts a result of this run.
  void Add(const pb::BatchResult& result);
  int64_t finished() const { return succeeded + failed; }
};

// Returns one line: how much is done, how fast, the remaining time, and the
// cost. It begins with a bar of `bar` columns, unless that is 0. `elapsed` is
// the time of this run, from which speed and remaining time are computed. Pure.
std::string ProgressLine(const BatchTally& tally, absl::Duration elapsed,
                         int bar);

// Shows the progress on `err`: a bar that is redrawn on a terminal, otherwise a
// line from time to time. The caller supplies the time. At most 10 times a
// second on a terminal, and every 10 s elsewhere. One thread; `console` must
// outlive it.
class BatchProgress {
 public:
  BatchProgress(const Console& console, absl::Time start)
      : console_(console), start_(start), shown_(start) {}

  // Shows the progress if enough time has passed. Cheap if nothing is shown.
  void Show(const BatchTally& tally, absl::Time now);
  // Shows the final state, with a line end.
  void End(const BatchTally& tally, absl::Time now);

 private:
  const Console& console_;
  const absl::Time start_;
  // When it was last shown.
  absl::Time shown_;
};

}  // namespace holysheep::cli
