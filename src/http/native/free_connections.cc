#include "http/native/free_connections.h"

#include <algorithm>

#include "http/native/connection.h"

namespace holysheep::native {
namespace {

constexpr size_t kMaxOrigins = 256;

}  // namespace

void FreeConnections::Add(Connection& connection) {
  std::vector<Connection*>& free = At(connection.origin()).free;
  if (std::find(free.rbegin(), free.rend(), &connection) == free.rend()) {
    free.push_back(&connection);
  }
}

void FreeConnections::Remove(Connection& connection) {
  const auto origin = origins_.find(connection.origin());
  if (origin == origins_.end()) return;
  std::vector<Connection*>& free = origin->second.free;
  const auto found = std::find(free.rbegin(), free.rend(), &connection);
  if (found != free.rend()) free.erase(std::next(found).base());
}

Connection* FreeConnections::Newest(const std::string& origin) {
  const auto found = origins_.find(origin);
  if (found == origins_.end() || found->second.free.empty()) return nullptr;
  return found->second.free.back();
}

bool FreeConnections::MayExceed(int64_t most,
                                const Connection& connection) const {
  const auto origin = origins_.find(connection.origin());
  return origin != origins_.end() &&
         static_cast<int64_t>(origin->second.free.size()) > most;
}

std::vector<Connection*> FreeConnections::IdleBeyond(int64_t most) const {
  std::vector<Connection*> beyond;
  for (const auto& [_, origin] : origins_) {
    int64_t idle = 0;
    for (auto at = origin.free.rbegin(); at != origin.free.rend(); ++at) {
      if ((*at)->idle() && ++idle > most) beyond.push_back(*at);
    }
  }
  return beyond;
}

bool FreeConnections::only_http1(const std::string& origin) const {
  const auto found = origins_.find(origin);
  return found != origins_.end() && found->second.only_http1;
}

void FreeConnections::SetOnlyHttp1(const std::string& origin, bool only_http1) {
  At(origin).only_http1 = only_http1;
}

FreeConnections::Origin& FreeConnections::At(const std::string& origin) {
  if (origins_.size() >= kMaxOrigins && !origins_.contains(origin)) {
    absl::erase_if(origins_,
                   [](const auto& entry) { return entry.second.free.empty(); });
  }
  return origins_[origin];
}

}  // namespace holysheep::native
