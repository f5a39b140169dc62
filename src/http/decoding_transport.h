#pragma once

#include <cstddef>
#include <memory>

#include "http/transport.h"

namespace holysheep {

// `transport`, with bodies that are compressed though nobody asked for it
// decoded, see BodyDecoder, up to `max_bytes` of each, which may change. Both
// must outlive it.
std::unique_ptr<HttpTransport> Decoding(HttpTransport& transport,
                                        const size_t& max_bytes);

}  // namespace holysheep
