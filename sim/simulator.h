#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "sim/control.h"
#include "sim/http.h"
#include "sim/recorder.h"
#include "sim/rule_book.h"
#include "sim/wire.h"

namespace holysheep::sim {

struct Reply {
  Plan plan;
  // Whether it is one of the upstream's, which the recorder counts, or one of
  // the control's.
  bool recorded = false;
};

// The simulated upstream without its sockets: what is answered to which
// request. One thread.
class Simulator {
 public:
  Simulator(Settings base, absl::Time start);

  // Takes what it needs of `request`, leaving the rest of no value.
  Reply Handle(HttpRequest& request, absl::Time now);

  Recorder& recorder() { return recorder_; }

 private:
  Plan HandleControl(const HttpRequest& request, absl::Time now);
  Plan HandleApi(HttpRequest& request, absl::Time now);
  Plan Answer(const HttpRequest& request, absl::Time now);
  void Behave(Settings settings, absl::Time now);
  double Draw();

  // What the flags say.
  const Settings base_;
  Settings settings_;
  RuleBook rules_;
  absl::Time since_;
  std::mt19937_64 random_;
  std::int64_t next_id_ = 1;
  Recorder recorder_;
};

}  // namespace holysheep::sim
