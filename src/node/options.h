#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/answer_store.h"
#include "config/config.h"
#include "http/curl_transport.h"
#include "intake/request_intake.h"
#include "layers/admission_layer.h"
#include "layers/retry_layer.h"
#include "policy/circuit_breaker.h"
#include "policy/limiter.h"
#include "rpc/grpc_server.h"
#include "upstream/openai_backend.h"

namespace holysheep {

// The configuration as the layers take it. They hold references to its parts,
// so a reload assigns a new value, on the loop.
struct ChainOptions {
  CacheOptions cache;
  RetryOptions retry;
  CircuitBreakerOptions breaker;
  LimiterOptions limits;
  AdmissionOptions admission;
  OpenAiOptions upstream;
};

ChainOptions ChainOptionsFrom(const config::Config& config);
CurlOptions CurlOptionsFrom(const config::Config& config);
GrpcServerOptions GrpcServerOptionsFrom(const config::Config& config);
// `certificates` says whether the running listener asks clients for them.
absl::StatusOr<std::shared_ptr<const IntakeSettings>> IntakeSettingsFrom(
    const config::Config& config, bool certificates);

// The settings in which `wanted` differs from `running` and that take a
// restart: where the service listens and to how many, its certificates' paths,
// whether it answers reflection, its ledger, and how it connects to the
// upstream.
std::vector<std::string> NeedsRestart(const config::Config& running,
                                      const config::Config& wanted);

}  // namespace holysheep
