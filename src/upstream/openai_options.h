#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "http/transport.h"
#include "openai/request_codec.h"

namespace holysheep {

// The upstream's address and how to speak to it. May change between calls; a
// call uses the values at its start.
struct OpenAiOptions {
  std::string base_url = "https://api.holysheep.ai/v1";
  std::string api_key;
  // In lower case. `authorization` carries `Bearer KEY`, any other header the
  // bare key.
  std::string api_key_header = "authorization";
  // Whether calls are streamed even if their caller waits for the whole answer.
  bool stream_unary = true;
  absl::Duration connect_timeout = absl::Seconds(10);
  // Upper bounds and defaults of a request's own timeouts.
  absl::Duration first_token_timeout = absl::Seconds(60);
  absl::Duration idle_timeout = absl::Seconds(60);
  size_t max_answer_bytes = 4 << 20;
};

// Returns a request without body to `path`, such as `/models`, under the base
// URL, with `key` (unless empty) and the headers of every request.
HttpRequest UpstreamRequest(const OpenAiOptions& options,
                            absl::string_view method, absl::string_view path,
                            absl::string_view key);

// Returns how the body of `request` is to be encoded for this upstream.
EncodeOptions EncodeOptionsFor(const ChatRequest& request,
                               const OpenAiOptions& options);

}  // namespace holysheep
