#pragma once

#include "absl/strings/string_view.h"
#include "chat/backend.h"
#include "http/transport.h"
#include "openai/key_veil.h"
#include "openai/request_codec.h"
#include "upstream/openai_options.h"

namespace holysheep {

// A request without body to `path`, such as `/models`, under the base URL,
// with `key` (unless empty) and what every request carries.
HttpRequest UpstreamRequest(const OpenAiOptions& options,
                            absl::string_view method, absl::string_view path,
                            absl::string_view key);

// Hides `other`, which may be empty, and what is secret in `options`.
KeyVeil VeilFor(const OpenAiOptions& options, absl::string_view other);

// How the body of `request` is written for the upstream of `options`.
EncodeOptions EncodeOptionsFor(const ChatRequest& request,
                               const OpenAiOptions& options);

}  // namespace holysheep
