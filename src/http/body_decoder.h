#pragma once

#include <cstddef>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Undoes the compression of one HTTP body. The upstream may compress although
// nobody asked for it. Not thread-safe. One object per response, made when its
// headers have arrived.
class BodyDecoder {
 public:
  // Receives a decoded part of the body. An error ends the decoding. Valid
  // during the call only; pieces have at most 16 KiB when they were compressed.
  using OnData = absl::FunctionRef<absl::Status(absl::string_view)>;

  virtual ~BodyDecoder() = default;

  // Decodes the next part of the body. Returns what `on_data` returned, or
  // UPSTREAM_MALFORMED if the body is damaged, compressed in an unknown way, or
  // longer than the bound once decoded. After an error the decoder must not be
  // fed again.
  virtual absl::Status Feed(absl::string_view body, OnData on_data) = 0;

  // Ends the body. Returns STREAM_TRUNCATED if it is incomplete. Passes on
  // nothing. Call it once, last, and only if the transfer ended well.
  virtual absl::Status End() = 0;
};

// A decoder for a body with the header Content-Encoding `encoding`, which may
// be empty. Knows gzip and deflate. A body that begins like gzip is decoded
// whatever the header says; one that is called gzip but is not, or has an
// `encoding` that does not name a compression, such as utf-8, is passed on
// unchanged. `max_bytes` bounds the decoded size; a body that is not compressed
// has no bound here.
std::unique_ptr<BodyDecoder> NewBodyDecoder(absl::string_view encoding,
                                            size_t max_bytes);

}  // namespace holysheep
