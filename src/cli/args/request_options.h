#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/terminal/console.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// What `invoke`, `chat` and `bench` can ask beside the question. Unset takes
// the service's default.
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

// A request without its question.
pb::InvokeRequest MakeRequest(const RequestOptions& options);

// The words of a question, joined by blanks; a word `-` stands for the whole
// standard input, in a paragraph of its own. No words at all mean the standard
// input, unless that is a terminal. At most 16 MiB of UTF-8.
absl::StatusOr<std::string> ReadQuestion(const std::vector<std::string>& words,
                                         const Console& console);

}  // namespace holysheep::cli
