#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/fault.h"
#include "sim/http.h"

namespace holysheep::sim {

// The credential of a request: the name of its header, and its SHA-256 in hex.
// Both are empty if there is none.
struct Credential {
  std::string header;
  std::string sha256;
};

// Removes the credential from the request's headers, so that no record contains
// it.
Credential TakeCredential(HttpRequest& request);

// SHA-256 in hex.
std::string HexSha256(absl::string_view text);

// A record of what has happened, in bounded memory. One thread.
class Recorder {
 public:
  static constexpr std::size_t kArrivals = 1000;
  static constexpr std::size_t kBodies = 32;
  static constexpr std::size_t kBodyBytes = 64 << 10;
  static constexpr std::size_t kPaths = 64;

  explicit Recorder(absl::Time start) : start_(start) {}

  // Counts a request that begins. Takes parts of it, which leaves `request`
  // unspecified.
  void OnRequest(HttpRequest& request, Credential credential, absl::Time now);
  // Counts the end of a request; `cancelled` if the client left before it.
  void OnEnd(bool cancelled, absl::Time now);
  void OnTokens(int tokens) { tokens_ += tokens; }
  void OnFault(FaultKind kind) { ++faults_[kind]; }

  void OnConnect();
  void OnDisconnect() { --connections_; }
  void OnRefused() { ++refused_; }
  int connections() const { return connections_; }

  // Forgets everything but the present connections and requests.
  void Reset(absl::Time now);

  // Returns the record as a JSON object, with `script_left` in it; see
  // README.md.
  std::string ToJson(std::size_t script_left) const;

 private:
  std::string LastToJson() const;

  absl::Time start_;
  std::int64_t requests_ = 0;
  int in_flight_ = 0;
  int max_in_flight_ = 0;
  std::int64_t completed_ = 0;
  std::int64_t cancelled_ = 0;
  absl::Time last_end_ = absl::UnixEpoch();
  std::int64_t tokens_ = 0;
  int connections_ = 0;
  std::int64_t total_connections_ = 0;
  std::int64_t refused_ = 0;
  std::map<std::string, std::int64_t> paths_;
  std::map<FaultKind, std::int64_t> faults_;
  // Rings: request number n is at index n modulo the size.
  std::vector<double> arrivals_ms_;
  std::vector<std::string> bodies_;
  HttpRequest last_;
  Credential last_credential_;
};

}  // namespace holysheep::sim
