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

// The answer to a request.
struct Reply {
  Plan plan;
  // Whether it belongs to the upstream's API, which the recorder counts, or to
  // the control.
  bool recorded = false;
};

// The simulated upstream without sockets: decides how each request is answered.
// One thread.
class Simulator {
 public:
  Simulator(Settings base, absl::Time start);

  // Answers a request. Takes parts of it, which leaves `request` unspecified.
  Reply Handle(HttpRequest& request, absl::Time now);

  Recorder& recorder() { return recorder_; }

 private:
  Plan HandleControl(const HttpRequest& request, absl::Time now);
  Plan HandleApi(HttpRequest& request, absl::Time now);
  Plan Answer(const HttpRequest& request, absl::Time now);
  void Behave(Settings settings, absl::Time now);
  double Draw();

  // The settings of the command line.
  const Settings base_;
  Settings settings_;
  RuleBook rules_;
  absl::Time since_;
  std::mt19937_64 random_;
  std::int64_t next_id_ = 1;
  Recorder recorder_;
};

}  // namespace holysheep::sim
