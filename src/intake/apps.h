#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "chat/app_options.h"

namespace holysheep {

// The apps of the configuration. Thread-safe. Immutable: a reload makes
// another one.
class Apps {
 public:
  // The id of the entry for all apps that have none.
  static constexpr absl::string_view kOther = "other";

  // No apps.
  Apps() = default;
  // REQUIRES: the ids are distinct.
  explicit Apps(const std::vector<AppOptions>& apps);

  // The entry whose limits hold for calls of the app `id`: its own, or that of
  // `other`. Null if there is none, and for an empty `id`.
  std::shared_ptr<const AppOptions> Find(absl::string_view id) const;

  // What people call the app; empty unless it has an entry with a name.
  absl::string_view NameOf(absl::string_view id) const;

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<const AppOptions>> apps_;
};

}  // namespace holysheep
