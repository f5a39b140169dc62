// A load generator: keeps `concurrency` calls of the LlmNode service going from
// one thread, and prints one line of JSON: calls, errors, seconds, calls per
// second, the latencies in microseconds (p50, p95, p99, max; for streams also
// first_p50, of the first piece of the answer), and when the last call ended
// (end_unix_us).
//
//   load HOST:PORT MODE CONCURRENCY SECONDS [CALLS] [--token-file FILE]
//        [--ca FILE]
//
// --token-file holds what callers say who they are with; --ca, in PEM, whom the
// service's certificate is from, and means TLS. MODE: hit (one prompt), miss (a
// new prompt each), bypass (one prompt, cache bypassed), stream (a new prompt
// each, streamed). Ends after SECONDS, or after CALLS if that comes first;
// warms up for a tenth of SECONDS before, unless CALLS is given.

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/latencies.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep {
namespace {

namespace pb = node::v1;

struct Options {
  std::string address;
  std::string mode;
  int concurrency = 1;
  double seconds = 1;
  int64_t calls = 0;
  // Empty is none.
  std::string authorization;
  std::string authority;
};

struct Results {
  std::vector<double> latencies;
  std::vector<double> firsts;
  int64_t errors = 0;
};

// One of the calls that are kept going; its address is the tag of its
// operations.
class Slot {
 public:
  Slot(pb::LlmNode::Stub& stub, grpc::CompletionQueue& queue,
       const Options& options)
      : stub_(stub), queue_(queue), options_(options) {}

  void Begin(int64_t number) {
    request_.set_query(
        options_.mode == "hit" || options_.mode == "bypass"
            ? "What is the capital of France?"
            : absl::StrCat("What is the capital of France? ", number, " ",
                           Clock::now().time_since_epoch().count()));
    if (options_.mode == "bypass") {
      request_.mutable_cache()->set_mode(pb::CacheControl::BYPASS);
    }
    // A call goes before the context that it was made in.
    unary_.reset();
    stream_.reset();
    context_ = std::make_unique<grpc::ClientContext>();
    if (!options_.authorization.empty()) {
      context_->AddMetadata("authorization", options_.authorization);
    }
    status_ = grpc::Status::OK;
    start_ = Clock::now();
    first_ = 0;
    if (options_.mode == "stream") return BeginStream();
    unary_ = stub_.AsyncInvoke(context_.get(), request_, &queue_);
    unary_->Finish(&response_, &status_, this);
  }

  // Whether the call has ended.
  bool Proceed(bool ok, Results& results) {
    if (options_.mode == "stream" && !ProceedStream(ok)) return false;
    if (!status_.ok()) ++results.errors;
    results.latencies.push_back(MicrosSince(start_));
    if (first_ > 0) results.firsts.push_back(first_);
    return true;
  }

 private:
  enum class Step { kStarting, kReading, kFinishing };

  void BeginStream() {
    step_ = Step::kStarting;
    stream_ = stub_.PrepareAsyncInvokeStream(context_.get(), request_, &queue_);
    stream_->StartCall(this);
  }

  bool ProceedStream(bool ok) {
    if (step_ == Step::kFinishing) return true;
    if (step_ == Step::kReading && ok && event_.has_text() && first_ == 0) {
      first_ = MicrosSince(start_);
    }
    if (ok) {
      step_ = Step::kReading;
      stream_->Read(&event_, this);
    } else {
      step_ = Step::kFinishing;
      stream_->Finish(&status_, this);
    }
    return false;
  }

  pb::LlmNode::Stub& stub_;
  grpc::CompletionQueue& queue_;
  const Options& options_;
  pb::InvokeRequest request_;
  pb::InvokeResponse response_;
  pb::InvokeEvent event_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::InvokeResponse>> unary_;
  std::unique_ptr<grpc::ClientAsyncReader<pb::InvokeEvent>> stream_;
  grpc::Status status_;
  Step step_ = Step::kStarting;
  Clock::time_point start_;
  double first_ = 0;
};

// Keeps the slots busy until `seconds` are over or `calls` have begun.
Results Run(const Options& options, pb::LlmNode::Stub& stub, double seconds) {
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Slot>> slots;
  Results results;
  int64_t begun = 0;
  const auto start = Clock::now();
  const auto more = [&] {
    if (options.calls > 0 && begun >= options.calls) return false;
    return MicrosSince(start) < seconds * 1e6;
  };
  int busy = 0;
  for (int i = 0; i < options.concurrency && more(); ++i, ++busy) {
    slots.push_back(std::make_unique<Slot>(stub, queue, options));
    slots.back()->Begin(begun++);
  }
  void* tag = nullptr;
  bool ok = false;
  while (busy > 0 && queue.Next(&tag, &ok)) {
    Slot& slot = *static_cast<Slot*>(tag);
    if (!slot.Proceed(ok, results)) continue;
    if (more()) {
      slot.Begin(begun++);
    } else {
      --busy;
    }
  }
  return results;
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const Options& options) {
  if (options.authority.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.authority;
  return grpc::SslCredentials(tls);
}

int Main(const Options& options) {
  const auto channel =
      grpc::CreateChannel(options.address, CredentialsOf(options));
  const auto stub = pb::LlmNode::NewStub(channel);
  if (options.calls == 0) Run(options, *stub, options.seconds / 10);
  const auto start = Clock::now();
  Results results = Run(options, *stub, options.seconds);
  const double seconds = MicrosSince(start) / 1e6;
  const int64_t end = absl::ToUnixMicros(absl::Now());
  auto& times = results.latencies;
  std::printf(
      "{\"calls\": %zu, \"errors\": %lld, \"seconds\": %.3f, \"rate\": %.0f, "
      "\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f, "
      "\"first_p50\": %.1f, \"end_unix_us\": %lld}\n",
      times.size(), static_cast<long long>(results.errors), seconds,
      double(times.size()) / seconds, Percentile(times, 0.5),
      Percentile(times, 0.95), Percentile(times, 0.99), Percentile(times, 1),
      Percentile(results.firsts, 0.5), static_cast<long long>(end));
  return results.errors == 0 ? 0 : 1;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace
}  // namespace holysheep

int main(int argc, char** argv) {
  holysheep::Options options;
  std::string token_file;
  std::string ca_file;
  CLI::App app("Keeps calls of the LlmNode service going, and times them.");
  app.add_option("address", options.address)->required();
  app.add_option("mode", options.mode)
      ->required()
      ->check(CLI::IsMember({"hit", "miss", "bypass", "stream"}));
  app.add_option("concurrency", options.concurrency)->required();
  app.add_option("seconds", options.seconds)->required();
  app.add_option("calls", options.calls);
  app.add_option("--token-file", token_file)->check(CLI::ExistingFile);
  app.add_option("--ca", ca_file)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  if (!token_file.empty()) {
    options.authorization = "Bearer " + holysheep::ReadFile(token_file);
  }
  if (!ca_file.empty()) options.authority = holysheep::ReadFile(ca_file);
  return holysheep::Main(options);
}
