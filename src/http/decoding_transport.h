#pragma once

#include <cstddef>
#include <memory>

#include "http/transport.h"

namespace holysheep {

// Wraps `transport` so that compressed bodies are decoded, see BodyDecoder, up
// to `max_bytes` each. `max_bytes` may change between requests. Both must
// outlive the result. On the loop only. Destroy its transfers first. Errors are
// those of `transport` and of BodyDecoder.
std::unique_ptr<HttpTransport> Decoding(HttpTransport& transport,
                                        const size_t& max_bytes);

}  // namespace holysheep
