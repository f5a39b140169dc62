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

// The credential of a request: which header it came in, and its SHA-256 in hex.
// Both are empty where there was none.
struct Credential {
  std::string header;
  std::string sha256;
};

// Takes the credential out of the request's headers, so that nothing that is
// recorded has it.
Credential TakeCredential(HttpRequest& request);

// SHA-256 in hex.
std::string HexSha256(absl::string_view text);

// What has happened so far, in bounded memory.
class Recorder {
 public:
  static constexpr std::size_t kArrivals = 1000;
  static constexpr std::size_t kBodies = 32;
  static constexpr std::size_t kBodyBytes = 64 << 10;
  static constexpr std::size_t kPaths = 64;

  explicit Recorder(absl::Time start) : start_(start) {}

  // Begins a request. Takes what it keeps of it, leaving the rest of no value.
  void OnRequest(HttpRequest& request, Credential credential, absl::Time now);
  // Ends it: `cancelled` if the client went away before its end.
  void OnEnd(bool cancelled, absl::Time now);
  void OnTokens(int tokens) { tokens_ += tokens; }
  void OnFault(FaultKind kind) { ++faults_[kind]; }

  void OnConnect();
  void OnDisconnect() { --connections_; }
  void OnRefused() { ++refused_; }
  int connections() const { return connections_; }

  // Forgets everything but what is going on now.
  void Reset(absl::Time now);

  // All of it as a JSON object, see README.md. `script_left` is put in with it.
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
  // Rings: request number n is at n modulo the size.
  std::vector<double> arrivals_ms_;
  std::vector<std::string> bodies_;
  HttpRequest last_;
  Credential last_credential_;
};

}  // namespace holysheep::sim
