#include "layers/cache/flight_table.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

std::string FallbacksOf(const ChatRequest& request) {
  return absl::StrJoin(request.message->fallback_models(), "\n");
}

bool Refreshes(const ChatRequest& request) {
  return request.message->cache().mode() == pb::CacheControl::REFRESH;
}

void NoteTtl(const ChatRequest& request, FlightTable::Entry& entry) {
  const pb::CacheControl& control = request.message->cache();
  if (control.has_ttl_seconds()) {
    entry.ttl = std::max(entry.ttl, absl::Seconds(control.ttl_seconds()));
  } else {
    entry.ttl_unset = true;
  }
}

}  // namespace

std::shared_ptr<Flight> FlightTable::Find(const ChatRequest& request) {
  const auto found = flights_.find(request.key.digest);
  if (found == flights_.end() || Refreshes(request)) return nullptr;
  const std::string fallbacks = FallbacksOf(request);
  const auto& entries = found->second;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    Entry& candidate = **entry;
    // All that are older are outdated, too.
    if (candidate.is_outdated) return nullptr;
    if (!candidate.fallbacks.empty() && candidate.fallbacks != fallbacks) {
      continue;
    }
    if (store_.WasPurged(candidate.purges, request.message->model(),
                         request.message->cache().namespace_())) {
      return nullptr;
    }
    auto flight = candidate.flight.lock();
    if (flight == nullptr) continue;
    NoteTtl(request, candidate);
    return flight;
  }
  return nullptr;
}

std::shared_ptr<FlightTable::Entry> FlightTable::Open(
    const ChatRequest& request) {
  auto& entries = flights_[request.key.digest];
  if (Refreshes(request)) {
    for (const auto& entry : entries) entry->is_outdated = true;
  }
  auto entry = std::make_shared<Entry>();
  entry->fallbacks = FallbacksOf(request);
  entry->purges = store_.purges();
  NoteTtl(request, *entry);
  entries.push_back(entry);
  return entry;
}

void FlightTable::Close(const ChatRequest& request, const Entry& entry) {
  const auto found = flights_.find(request.key.digest);
  if (found == flights_.end()) return;
  std::erase_if(found->second,
                [&entry](const auto& other) { return other.get() == &entry; });
  if (found->second.empty()) flights_.erase(found);
}

}  // namespace holysheep
