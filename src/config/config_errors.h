#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep::config {

// Where a setting comes from.
struct Origin {
  // Its path such as `models[0].id`, or the environment variable that gave it.
  std::string name;
  // Its line in the file, from 1; 0 if it is not in the file.
  int line = 0;
};

// An INVALID_ARGUMENT for a single value, which `reason` must not show.
absl::Status Refuse(absl::string_view reason);

// Collects what is wrong with a configuration, so that one attempt to start
// shows it all.
class ConfigErrors {
 public:
  static constexpr size_t kMaxShown = 20;

  explicit ConfigErrors(absl::string_view file) : file_(file) {}

  // Adds `file:line: name: reason`, or `name: reason` if it is not in the
  // file. `reason` must not show the value, which may be a secret.
  void Add(const Origin& origin, absl::string_view reason);

  // OK if there are none; otherwise INVALID_ARGUMENT with one problem a line,
  // in the order of the file.
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
