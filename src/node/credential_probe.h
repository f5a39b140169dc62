#pragma once

#include <memory>

#include "base/event_loop.h"
#include "http/transport.h"
#include "intake/credential_check.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Checks a key by asking the upstream for its models, which is free. The
// arguments must outlive the check. On the loop only. For ValidateCredentials
// and /readyz. `options` may change between checks. The failed hop is NONE,
// UPSTREAM or KEY, as of ModelProbe.
std::unique_ptr<CredentialCheck> NewCredentialProbe(
    EventLoop& loop, HttpTransport& transport, const OpenAiOptions& options);

}  // namespace holysheep
