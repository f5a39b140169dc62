#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "base/event_loop.h"
#include "http/transport.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Where the way to an answer breaks off.
struct ProbeResult {
  enum class FailedHop { kNone, kUpstream, kKey };
  FailedHop failed_hop = FailedHop::kNone;
  // What is wrong and what to do, with the upstream's own words; empty when all
  // is well.
  std::string message;
  // The name of the reason, such as UPSTREAM_AUTH; empty when all is well.
  absl::string_view reason;
};

// A probe under way. Destroying it cancels it, silently.
class Probe {
 public:
  virtual ~Probe() = default;
};

// Finds out, free of cost, whether the upstream can be reached and takes a key:
// by asking it for its models. Loop thread only; all must outlive it.
class ModelProbe {
 public:
  using Done = absl::AnyInvocable<void(ProbeResult)>;

  ModelProbe(EventLoop& loop, HttpTransport& transport,
             const OpenAiOptions& options)
      : loop_(loop), transport_(transport), options_(options) {}

  // Probes with `key`, or with the service's if that is empty. Calls `done`
  // once, never before returning, at the latest after 15 s; `done` may destroy
  // the probe.
  std::unique_ptr<Probe> Start(absl::string_view key, Done done);

 private:
  EventLoop& loop_;
  HttpTransport& transport_;
  const OpenAiOptions& options_;
};

}  // namespace holysheep
