#include "bench/load_run.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "bench/latencies.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;

// What all slots of a run share.
struct Shared {
  pb::LlmNode::Stub stub;
  const std::string& authorization;
  const LoadOptions& options;
  grpc::CompletionQueue queue;
};

// One of the calls that are kept going; its address is the tag of its
// operations.
class Slot {
 public:
  explicit Slot(Shared& shared) : shared_(shared), mode_(shared.options.mode) {}

  void Begin(int64_t number) {
    request_.set_query(
        mode_ == "hit" || mode_ == "bypass"
            ? "What is the capital of France?"
            : absl::StrCat("What is the capital of France? ", number, " ",
                           Clock::now().time_since_epoch().count()));
    if (mode_ == "bypass") {
      request_.mutable_cache()->set_mode(pb::CacheControl::BYPASS);
    }
    // A call goes before the context that it was made in.
    unary_.reset();
    stream_.reset();
    context_ = std::make_unique<grpc::ClientContext>();
    if (!shared_.authorization.empty()) {
      context_->AddMetadata("authorization", shared_.authorization);
    }
    status_ = grpc::Status::OK;
    start_ = Clock::now();
    first_ = 0;
    if (mode_ == "stream") return BeginStream();
    unary_ = shared_.stub.AsyncInvoke(context_.get(), request_, &shared_.queue);
    unary_->Finish(&response_, &status_, this);
  }

  // Whether the call has ended.
  bool Proceed(bool ok, LoadResults& results) {
    if (mode_ == "stream" && !ProceedStream(ok)) return false;
    if (!status_.ok()) ++results.errors;
    results.latencies.push_back(MicrosSince(start_));
    if (first_ > 0) results.firsts.push_back(first_);
    return true;
  }

 private:
  enum class Step { kStarting, kReading, kFinishing };

  void BeginStream() {
    step_ = Step::kStarting;
    stream_ = shared_.stub.PrepareAsyncInvokeStream(context_.get(), request_,
                                                    &shared_.queue);
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

  Shared& shared_;
  const std::string& mode_;
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

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const LoadTarget& target) {
  if (target.authority.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = target.authority;
  return grpc::SslCredentials(tls);
}

}  // namespace

LoadClient::LoadClient(const LoadTarget& target)
    : authorization_(target.authorization),
      channel_(grpc::CreateChannel(target.address, CredentialsOf(target))) {}

LoadResults LoadClient::Run(const LoadOptions& options) {
  Shared shared{pb::LlmNode::Stub(channel_), authorization_, options, {}};
  std::vector<std::unique_ptr<Slot>> slots;
  LoadResults results;
  int64_t begun = 0;
  const auto start = Clock::now();
  const auto more = [&] {
    if (options.calls > 0 && begun >= options.calls) return false;
    return MicrosSince(start) < options.seconds * 1e6;
  };
  int busy = 0;
  for (int i = 0; i < options.concurrency && more(); ++i, ++busy) {
    slots.push_back(std::make_unique<Slot>(shared));
    slots.back()->Begin(begun++);
  }
  void* tag = nullptr;
  bool ok = false;
  while (busy > 0 && shared.queue.Next(&tag, &ok)) {
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

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string BearerFrom(const std::string& token_file) {
  return absl::StrCat("Bearer ", ReadFile(token_file));
}

}  // namespace holysheep::bench
