#pragma once

#include <chrono>

#include "absl/time/time.h"
#include "load/latency_histogram.h"

// What the load generators measure with.
namespace holysheep::bench {

using Clock = std::chrono::steady_clock;
using Latencies = load::LatencyHistogram;

inline absl::Duration Since(Clock::time_point start) {
  return absl::FromChrono(Clock::now() - start);
}

// In microseconds; see LatencyHistogram::Percentile.
inline double Micros(const Latencies& latencies, double percent) {
  return absl::ToDoubleMicroseconds(latencies.Percentile(percent));
}

}  // namespace holysheep::bench
