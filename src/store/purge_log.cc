#include "store/purge_log.h"

#include <utility>

namespace holysheep {

void PurgeLog::AddModel(absl::string_view model) {
  Purge purge;
  purge.model = std::string(model);
  Add(std::move(purge));
}

void PurgeLog::AddNamespace(absl::string_view cache_namespace) {
  Purge purge;
  purge.cache_namespace = std::string(cache_namespace);
  Add(std::move(purge));
}

void PurgeLog::Add(Purge purge) {
  ++count_;
  latest_.push_back(std::move(purge));
  if (latest_.size() > kRemembered) latest_.pop_front();
}

bool PurgeLog::HasReached(int64_t since, absl::string_view model,
                          absl::string_view cache_namespace) const {
  const int64_t forgotten = count_ - static_cast<int64_t>(latest_.size());
  if (since < forgotten) return true;
  for (auto i = static_cast<size_t>(since - forgotten); i < latest_.size();
       ++i) {
    const Purge& purge = latest_[i];
    const bool reaches = (!purge.model.has_value() || *purge.model == model) &&
                         (!purge.cache_namespace.has_value() ||
                          *purge.cache_namespace == cache_namespace);
    if (reaches) return true;
  }
  return false;
}

}  // namespace holysheep
