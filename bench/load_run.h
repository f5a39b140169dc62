#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/latencies.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace holysheep::bench {

// Who is called, and how.
struct LoadTarget {
  // HOST:PORT
  std::string address;
  // `Bearer TOKEN`; empty sends none.
  std::string authorization;
  // Whom the service's certificate is from, in PEM; empty means without TLS.
  std::string authority;
};

struct LoadOptions {
  // hit (one prompt), miss (a new prompt each), bypass (one prompt, cache
  // bypassed) or stream (a new prompt each, streamed).
  std::string mode = "hit";
  // Calls that are under way at once.
  int concurrency = 1;
  double seconds = 1;
  // Ends after so many, if that comes first; 0 is unbounded.
  int64_t calls = 0;
};

// The results of the calls that ended.
struct LoadResults {
  Latencies latencies;
  // Until the first piece of the answer, of streams.
  Latencies firsts;
  int64_t errors = 0;
};

// One connection to a service. For one thread.
class LoadClient {
 public:
  explicit LoadClient(const LoadTarget& target);

  // Keeps calls going, and waits for the last of them.
  LoadResults Run(const LoadOptions& options);

 private:
  const std::string authorization_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// `Bearer` and what the file holds.
std::string BearerFrom(const std::string& token_file);

std::string ReadFile(const std::string& path);

}  // namespace holysheep::bench
