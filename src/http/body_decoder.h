#pragma once

#include <cstddef>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Undoes the compression of an HTTP body. Not thread-safe.
class BodyDecoder {
 public:
  // Takes a part of the body as it was meant. An error ends the decoding.
  using OnData = absl::FunctionRef<absl::Status(absl::string_view)>;

  virtual ~BodyDecoder() = default;

  // Reads the next part of the body. UPSTREAM_MALFORMED if it is damaged,
  // compressed in a way that is not known here, or longer than the bound once
  // decoded; or what `on_data` returned.
  virtual absl::Status Feed(absl::string_view body, OnData on_data) = 0;

  // The body is over: STREAM_TRUNCATED if it was cut.
  virtual absl::Status End() = 0;
};

// A decoder for a body with the header Content-Encoding `encoding`, which may
// be empty: gzip and deflate. A body is taken for gzip if it begins like one,
// whatever the header says, and passed on as it is where the header says gzip
// and is wrong, or names what is no compression, such as utf-8. `max_bytes`
// bounds what is decoded; a body that is not compressed has no bound.
std::unique_ptr<BodyDecoder> NewBodyDecoder(absl::string_view encoding,
                                            size_t max_bytes);

}  // namespace holysheep
