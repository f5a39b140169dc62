#include "http/native/native_transport.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "http/asio_loop.h"
#include "http/native/call.h"
#include "http/native/pool.h"
#include "http/native/request_head.h"
#include "http/native/target.h"

namespace holysheep {
namespace {

using native::Call;
using native::Target;
using TargetPtr = std::shared_ptr<const Target>;

// A service has a few URLs, which it uses again and again.
constexpr size_t kMaxTargets = 64;

class NativeTransport final : public HttpTransport {
 public:
  NativeTransport(AsioLoop& loop, const CurlOptions& options)
      : pool_(loop, options) {}

  std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                     HttpObserver& observer) override {
    TargetPtr target = TargetOf(request.url);
    absl::Status status = target == nullptr ? absl::InvalidArgumentError(
                                                  "the URL is not "
                                                  "one of HTTP")
                                            : native::CheckRequest(request);
    auto call = std::make_unique<Call>(pool_, std::move(target),
                                       std::move(request), observer);
    if (status.ok()) {
      pool_.Add(*call);
    } else {
      pool_.EndSoon(*call, std::move(status));
    }
    return call;
  }

 private:
  // Null if the URL cannot be used.
  TargetPtr TargetOf(const std::string& url) {
    const auto found = targets_.find(url);
    if (found != targets_.end()) return found->second;
    std::optional<Target> target = native::ParseTarget(url);
    if (!target.has_value()) return nullptr;
    if (targets_.size() >= kMaxTargets) targets_.clear();
    return targets_[url] = std::make_shared<const Target>(*std::move(target));
  }

  native::Pool pool_;
  absl::flat_hash_map<std::string, TargetPtr> targets_;
};

}  // namespace

std::unique_ptr<HttpTransport> NewNativeTransport(AsioLoop& loop,
                                                  const CurlOptions& options) {
  return std::make_unique<NativeTransport>(loop, options);
}

}  // namespace holysheep
