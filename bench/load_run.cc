#include "bench/load_run.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "load/load_run.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;

constexpr char kPrompt[] = "What is the capital of France?";

// The requests of a mode, one after the other.
class Requests {
 public:
  explicit Requests(const std::string& mode)
      : is_new_(mode == "miss" || mode == "stream"),
        is_bypassed_(mode == "bypass") {}

  void Next(pb::InvokeRequest& request) {
    if (is_bypassed_) {
      request.mutable_cache()->set_mode(pb::CacheControl::BYPASS);
    }
    request.set_query(
        is_new_ ? absl::StrCat(kPrompt, " ", number_++, " ",
                               Clock::now().time_since_epoch().count())
                : kPrompt);
  }

 private:
  const bool is_new_;
  const bool is_bypassed_;
  int64_t number_ = 0;
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
  const load::LoadTarget target = {
      channel_, [this](grpc::ClientContext& context) {
        if (authorization_.empty()) return;
        context.AddMetadata("authorization", authorization_);
      }};
  load::LoadPlan plan;
  if (options.calls > 0) plan.calls = options.calls;
  plan.concurrency = options.concurrency;
  plan.stream = options.mode == "stream";
  plan.duration = absl::Seconds(options.seconds);
  Requests requests(options.mode);
  const auto next = [&requests](pb::InvokeRequest& request) {
    requests.Next(request);
  };
  LoadResults results;
  const absl::Status status = load::NewLoadRun(target, plan, next)
                                  ->Run([&results](const load::CallEnd& end) {
                                    results.latencies.Add(end.latency);
                                    if (end.first_token)
                                      results.firsts.Add(*end.first_token);
                                    if (!end.status.ok()) ++results.errors;
                                  });
  // Fails only where it is stopped, which nobody does.
  if (!status.ok()) std::abort();
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
