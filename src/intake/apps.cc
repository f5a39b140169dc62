#include "intake/apps.h"

namespace holysheep {

Apps::Apps(const std::vector<AppOptions>& apps) {
  for (const AppOptions& app : apps) {
    apps_.emplace(app.id, std::make_shared<const AppOptions>(app));
  }
}

std::shared_ptr<const AppOptions> Apps::Find(absl::string_view id) const {
  if (id.empty()) return nullptr;
  auto found = apps_.find(id);
  if (found == apps_.end()) found = apps_.find(kOther);
  return found == apps_.end() ? nullptr : found->second;
}

absl::string_view Apps::NameOf(absl::string_view id) const {
  const auto found = apps_.find(id);
  return found == apps_.end() ? absl::string_view() : found->second->name;
}

}  // namespace holysheep
