#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep::config {

// The place where a setting comes from.
struct Origin {
  // Its path, such as `models[0].id`, or the environment variable that set it.
  std::string name;
  // Its line in the file, from 1; 0 if it is not from the file.
  int line = 0;
};

// Returns INVALID_ARGUMENT with `reason`, for a parser of a value.
absl::Status Refuse(absl::string_view reason);

// Collects the problems of a configuration, so that one attempt to start shows
// all of them. Not thread-safe.
class ConfigErrors {
 public:
  // Further problems are only counted. A screen of lines.
  static constexpr size_t kMaxShown = 20;

  // `file` is the path as it was given; empty without a file.
  explicit ConfigErrors(absl::string_view file) : file_(file) {}

  // Adds `file:line: name: reason`, or `name: reason` if the setting is not
  // from the file. `reason` must not show the value, which may be a secret.
  void Add(const Origin& origin, absl::string_view reason);

  // Returns OK if there are no problems; otherwise INVALID_ARGUMENT with one
  // problem per line, in the order of the file.
  absl::Status ToStatus() const;

 private:
  struct Problem {
    int line;
    std::string message;
  };

  const std::string file_;
  size_t count_ = 0;
  std::vector<Problem> shown_;
};

}  // namespace holysheep::config
