#include "sim/recorder.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/sha256.h"
#include "sim/json_reader.h"

namespace holysheep::sim {
namespace {

constexpr absl::string_view kCredentialHeaders[] = {"authorization",
                                                    "x-api-key", "api-key"};

bool IsCredential(const std::pair<std::string, std::string>& header) {
  return std::find(std::begin(kCredentialHeaders), std::end(kCredentialHeaders),
                   header.first) != std::end(kCredentialHeaders);
}

// The ring of `size` slots in the order of arrival, after `count` in all.
template <typename T>
std::vector<T> InOrder(const std::vector<T>& ring, std::int64_t count,
                       std::size_t size) {
  std::vector<T> ordered = ring;
  if (ring.size() == size) {
    std::rotate(ordered.begin(),
                ordered.begin() + count % static_cast<std::int64_t>(size),
                ordered.end());
  }
  return ordered;
}

// The next slot of the ring.
template <typename T>
T& Slot(std::vector<T>& ring, std::int64_t count, std::size_t size) {
  if (ring.size() < size) return ring.emplace_back();
  return ring[static_cast<std::size_t>(count) % size];
}

}  // namespace

Credential TakeCredential(HttpRequest& request) {
  auto& headers = request.headers;
  const auto found = std::find_if(headers.begin(), headers.end(), IsCredential);
  if (found == headers.end()) return {};
  absl::string_view secret = found->second;
  if (absl::StartsWithIgnoreCase(secret, "bearer ")) secret.remove_prefix(7);
  Credential credential = {found->first, HexSha256(secret)};
  headers.erase(std::remove_if(headers.begin(), headers.end(), IsCredential),
                headers.end());
  return credential;
}

std::string HexSha256(absl::string_view text) {
  return absl::BytesToHexString(Sha256(text));
}

void Recorder::OnRequest(HttpRequest& request, Credential credential,
                         absl::Time now) {
  Slot(arrivals_ms_, requests_, kArrivals) =
      absl::ToDoubleMilliseconds(now - start_);
  Slot(bodies_, requests_, kBodies)
      .assign(request.body, 0, std::min(request.body.size(), kBodyBytes));
  if (paths_.size() < kPaths || paths_.contains(request.path)) {
    ++paths_[request.path];
  }
  ++requests_;
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
  // Swapped, not copied: the buffers go round.
  std::swap(last_, request);
  last_credential_ = std::move(credential);
}

void Recorder::OnEnd(bool cancelled, absl::Time now) {
  last_end_ = now;
  --in_flight_;
  ++(cancelled ? cancelled_ : completed_);
}

void Recorder::OnConnect() {
  ++connections_;
  ++total_connections_;
}

void Recorder::Reset(absl::Time now) {
  const int in_flight = in_flight_;
  const int connections = connections_;
  *this = Recorder(now);
  in_flight_ = in_flight;
  max_in_flight_ = in_flight;
  connections_ = connections;
}

std::string Recorder::LastToJson() const {
  if (requests_ == 0) return "null";
  const auto header = [](std::string* out, const auto& entry) {
    absl::StrAppend(out, JsonQuote(entry.first), ":", JsonQuote(entry.second));
  };
  return absl::StrCat(
      "{\"method\":", JsonQuote(last_.method),
      ",\"path\":", JsonQuote(last_.path), ",\"headers\":{",
      absl::StrJoin(last_.headers, ",", header),
      "},\"auth\":{\"header\":", JsonQuote(last_credential_.header),
      ",\"sha256\":", JsonQuote(last_credential_.sha256),
      "},\"body\":", JsonQuote(last_.body), "}");
}

std::string Recorder::ToJson(std::size_t script_left) const {
  const auto path = [](std::string* out, const auto& entry) {
    absl::StrAppend(out, JsonQuote(entry.first), ":", entry.second);
  };
  const auto fault = [](std::string* out, const auto& entry) {
    absl::StrAppend(out, JsonQuote(FaultName(entry.first)), ":", entry.second);
  };
  const auto milliseconds = [](std::string* out, double ms) {
    absl::StrAppend(out, static_cast<std::int64_t>(ms * 1000) / 1000, ".",
                    absl::Dec(static_cast<std::int64_t>(ms * 1000) % 1000,
                              absl::kZeroPad3));
  };
  const auto quoted = [](std::string* out, const std::string& text) {
    absl::StrAppend(out, JsonQuote(text));
  };
  return absl::StrCat(
      "{\"requests\":", requests_, ",\"in_flight\":", in_flight_,
      ",\"max_in_flight\":", max_in_flight_, ",\"completed\":", completed_,
      ",\"cancelled\":", cancelled_,
      ",\"last_end_unix_us\":", absl::ToUnixMicros(last_end_),
      ",\"tokens\":", tokens_, ",\"script_left\":", script_left,
      ",\"connections\":{\"now\":", connections_,
      ",\"total\":", total_connections_, ",\"refused\":", refused_,
      "},\"paths\":{", absl::StrJoin(paths_, ",", path), "},\"faults\":{",
      absl::StrJoin(faults_, ",", fault), "},\"arrivals_ms\":[",
      absl::StrJoin(InOrder(arrivals_ms_, requests_, kArrivals), ",",
                    milliseconds),
      "],\"last\":", LastToJson(), ",\"bodies\":[",
      absl::StrJoin(InOrder(bodies_, requests_, kBodies), ",", quoted), "]}");
}

}  // namespace holysheep::sim
