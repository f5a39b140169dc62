#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace holysheep {

// The upstream's address and how to speak to it. May change between calls; a
// call uses the values at its start.
struct OpenAiOptions {
  // Without query; `/chat/completions` and `/models` are appended.
  std::string base_url = "https://api.holysheep.ai/v1";
  std::string api_key;  // Secret; CheckApiKey holds.
  // Lower case. `authorization` carries `Bearer KEY`, any other the bare key.
  std::string api_key_header = "authorization";
  // Sent with every request, in addition to those of the service. Names in
  // lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  // Those of the values that are secret; hidden as the key is.
  std::vector<std::string> secrets;
  // Appended to every URL after a `?`, encoded; empty is none.
  std::string query;
  // Whether calls are streamed even if their caller waits for the whole answer.
  // A streamed answer shows early whether the upstream works; without it only
  // the call's whole deadline bounds the wait.
  bool stream_unary = true;
  // Covers name resolution, TCP and TLS.
  absl::Duration connect_timeout = absl::Seconds(10);
  // Upper bounds and defaults of a request's own timeouts. From the start of an
  // attempt to its first piece, and from piece to piece.
  absl::Duration first_token_timeout = absl::Seconds(60);
  absl::Duration idle_timeout = absl::Seconds(60);
  // How long the upstream may be idle before it is asked for its models; 0 is
  // for ever. See keep_warm.h.
  absl::Duration keep_warm = absl::ZeroDuration();
  // In bytes of all texts of an answer; see AnswerReaderOptions.
  size_t max_response_bytes = 4 << 20;

  bool operator==(const OpenAiOptions&) const = default;
};

}  // namespace holysheep
