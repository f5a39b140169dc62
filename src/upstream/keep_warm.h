#pragma once

#include <memory>

#include "base/event_loop.h"
#include "http/transport.h"
#include "upstream/openai_options.h"

namespace holysheep {

// Wraps `next` so that an idle upstream is asked for its models, which is free,
// whenever nothing was sent for `options.keep_warm`; so the next call finds a
// connection that no firewall has forgotten. What comes of it is of no
// consequence. 0 turns it off; a value from a reload holds from the next
// request on. On the loop only. The arguments must outlive the result; destroy
// its transfers first.
std::unique_ptr<HttpTransport> KeepingWarm(EventLoop& loop, HttpTransport& next,
                                           const OpenAiOptions& options);

}  // namespace holysheep
