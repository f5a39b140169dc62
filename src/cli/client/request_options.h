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
// option that is not set leaves the choice to the service.
struct RequestOptions {
  std::string model;
  std::string system;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int> max_tokens;
  pb::CacheControl::Mode cache = pb::CacheControl::DEFAULT;
  std::string cache_namespace;
  std::vector<std::string> tags;
};

// Returns a request with these options and without a question.
pb::InvokeRequest MakeRequest(const RequestOptions& options);

// Returns the question: `words` joined by blanks, where a word `-` stands for
// the whole standard input in a paragraph of its own. Without words the
// standard input is read, unless it is a terminal. At most 16 MiB of UTF-8.
absl::StatusOr<std::string> ReadQuestion(const std::vector<std::string>& words,
                                         const Console& console);

}  // namespace holysheep::cli
