#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "base/event_loop.h"
#include "http/transport.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Where the path to an answer is broken. A value.
struct ProbeResult {
  // kUpstream is the network, the address or the upstream itself; kKey its
  // refusal of the key or the account.
  enum class FailedHop { kNone, kUpstream, kKey };
  FailedHop failed_hop = FailedHop::kNone;
  // The problem and what to do, with the upstream's own words; empty if all is
  // well. Without a failed hop: why the key could not be checked. Keys are
  // hidden in it.
  std::string message;
  // The name of the reason, such as UPSTREAM_AUTH; empty if all is well.
  absl::string_view reason;
};

// A running probe. Destroying it cancels it without a call of `done`. Loop
// thread only.
class Probe {
 public:
  virtual ~Probe() = default;
};

// Finds out, free of cost, whether the upstream can be reached and accepts a
// key, by asking for its list of models. On the loop only. The arguments must
// outlive the probe. `options` are read at each start, so they may change in
// between.
class ModelProbe {
 public:
  using Done = absl::AnyInvocable<void(ProbeResult)>;

  ModelProbe(EventLoop& loop, HttpTransport& transport,
             const OpenAiOptions& options)
      : loop_(loop), transport_(transport), options_(options) {}

  // Probes with `key`, or with the service's key if that is empty. Calls `done`
  // once, after it has returned and within 15 s; `done` may destroy the probe.
  // Models that are shown say nothing of the key unless they are refused to
  // those who have none, so that is tried as well.
  // A connection that died unnoticed is replaced once within that time. A rate
  // limit counts as success, since the upstream has accepted the key.
  std::unique_ptr<Probe> Start(absl::string_view key, Done done);

 private:
  EventLoop& loop_;
  HttpTransport& transport_;
  const OpenAiOptions& options_;
};

}  // namespace holysheep
