// Asks an OpenAI-compatible API by libcurl: the upstream with nothing in
// between, which is the floor of a cache miss, or another gateway. Keeps
// `concurrency` requests going on connections that stay open, from one thread,
// and prints one line of JSON like `load`.
//
//   direct BASE_URL CONCURRENCY SECONDS [HEADER...]
//
// Warms up for a tenth of SECONDS before. HEADER is such as "x-key: abc".

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench/latencies.h"

namespace holysheep::bench {
namespace {

constexpr char kBody[] =
    R"({"model":"deepseek-v3.2","messages":[{"role":"user","content":)"
    R"("What is the capital of France?"}],"temperature":0.7,)"
    R"("max_tokens":2048,"top_p":0.95})";

// CURL and CURLM are the same type to the compiler.
template <auto kFree>
struct Deleter {
  template <typename Handle>
  void operator()(Handle* handle) const {
    kFree(handle);
  }
};
using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using Headers = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

// One of the requests that are kept going.
struct Request {
  Easy handle{curl_easy_init()};
  Clock::time_point start;
};

struct Results {
  Latencies latencies;
  int64_t errors = 0;
};

class Load {
 public:
  Load(const std::string& base_url, int concurrency,
       const std::vector<std::string>& headers)
      : url_(base_url + "/chat/completions"),
        headers_(curl_slist_append(nullptr, "content-type: application/json")),
        requests_(static_cast<size_t>(concurrency)) {
    for (const std::string& header : headers) {
      curl_slist_append(headers_.get(), header.c_str());
    }
    for (Request& request : requests_) SetUp(request);
  }

  Results Run(double seconds) {
    Results results;
    const auto start = Clock::now();
    for (Request& request : requests_) Begin(request);
    int running = 0;
    do {
      curl_multi_perform(multi_.get(), &running);
      const bool more = Since(start) < absl::Seconds(seconds);
      if (Collect(more, results) > 0) running = 1;
      if (running > 0) curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
    } while (running > 0);
    return results;
  }

 private:
  void SetUp(Request& request) {
    CURL* handle = request.handle.get();
    curl_easy_setopt(handle, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, kBody);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Discard);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, &request);
  }

  void Begin(Request& request) {
    request.start = Clock::now();
    curl_multi_add_handle(multi_.get(), request.handle.get());
  }

  // Takes down what has ended, and begins it again if there is to be `more`.
  // Returns how many were begun.
  int Collect(bool more, Results& results) {
    int begun = 0;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      long status = 0;
      Request* request = nullptr;
      CURL* handle = message->easy_handle;
      if (message->data.result != CURLE_OK) ++results.errors;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(handle, CURLINFO_PRIVATE, &request);
      if (status != 200) ++results.errors;
      results.latencies.Add(Since(request->start));
      curl_multi_remove_handle(multi_.get(), handle);
      if (!more) continue;
      Begin(*request);
      ++begun;
    }
    return begun;
  }

  std::string url_;
  Headers headers_;
  Multi multi_{curl_multi_init()};
  std::vector<Request> requests_;
};

int Main(Load load, double seconds) {
  load.Run(seconds / 10);
  const auto start = Clock::now();
  const Results results = load.Run(seconds);
  const double elapsed = absl::ToDoubleSeconds(Since(start));
  const Latencies& times = results.latencies;
  std::printf(
      "{\"calls\": %lld, \"errors\": %lld, \"seconds\": %.3f, \"rate\": %.0f, "
      "\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f}\n",
      static_cast<long long>(times.count()),
      static_cast<long long>(results.errors), elapsed,
      static_cast<double>(times.count()) / elapsed, Micros(times, 50),
      Micros(times, 95), Micros(times, 99), Micros(times, 100));
  return results.errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: direct BASE_URL CONCURRENCY SECONDS [HEADER...]\n",
               stderr);
    return 2;
  }
  return holysheep::bench::Main(
      holysheep::bench::Load(argv[1], std::atoi(argv[2]),
                             {argv + 4, argv + argc}),
      std::atof(argv[3]));
}
