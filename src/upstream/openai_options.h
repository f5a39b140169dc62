#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chat/backend.h"
#include "http/transport.h"
#include "openai/request_codec.h"

namespace holysheep {

// Where the upstream is and how to speak to it. May change between calls: a
// call goes by what holds when it starts.
struct OpenAiOptions {
  std::string base_url = "https://api.holysheep.ai/v1";
  std::string api_key;
  // Lower case. `authorization` carries `Bearer KEY`, any other the bare key.
  std::string api_key_header = "authorization";
  // Whether also those calls are streamed whose caller waits for the whole.
  bool stream_unary = true;
  absl::Duration connect_timeout = absl::Seconds(10);
  // Upper bounds and defaults of a request's own.
  absl::Duration first_token_timeout = absl::Seconds(60);
  absl::Duration idle_timeout = absl::Seconds(60);
  size_t max_answer_bytes = 4 << 20;
};

// A request without body to `path`, such as `/models`, under the base URL,
// with `key` (unless empty) and what every request carries.
HttpRequest UpstreamRequest(const OpenAiOptions& options,
                            absl::string_view method, absl::string_view path,
                            absl::string_view key);

// How the body of `request` is written for the upstream of `options`.
EncodeOptions EncodeOptionsFor(const ChatRequest& request,
                               const OpenAiOptions& options);

}  // namespace holysheep
