#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/terminal/console.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The options of `invoke`, `chat` and `bench` in addition to the question. An
// option that is not set leaves the choice to the service. Empty texts count as
// not set.
struct RequestOptions {
  // An id of the catalog, or `auto`.
  std::string model;
  // The system prompt.
  std::string system;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int> max_tokens;
  // What the cache may do, and the namespace that keeps answers apart.
  pb::CacheControl::Mode cache = pb::CacheControl::DEFAULT;
  std::string cache_namespace;
  // For the routing rules of the model `auto`.
  std::vector<std::string> tags;
};

// Returns a request with these options and without a question. The caller's
// source is `holysheepctl`. Pure.
pb::InvokeRequest MakeRequest(const RequestOptions& options);

// Returns the question: `words` joined by blanks, where a word `-` stands for
// the whole standard input in a paragraph of its own. Without words the
// standard input is read, unless it is a terminal. At most 16 MiB of UTF-8. A
// second `-` is an ordinary word. Returns kInvalidArgument without a question,
// for an empty one, and for text that is not UTF-8. Blocks while it reads.
absl::StatusOr<std::string> ReadQuestion(const std::vector<std::string>& words,
                                         const Console& console);

}  // namespace holysheep::cli
