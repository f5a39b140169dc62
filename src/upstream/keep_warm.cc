#include "upstream/keep_warm.h"

#include <utility>

#include "upstream/model_probe.h"

namespace holysheep {
namespace {

// While `timer_` is set it fires no later than the upstream may be idle. It is
// not moved for each request: when it fires, it looks when the last one was.
class WarmTransport final : public HttpTransport {
 public:
  WarmTransport(EventLoop& loop, HttpTransport& next,
                const OpenAiOptions& options)
      : loop_(loop),
        next_(next),
        options_(options),
        probe_(loop, next, options),
        last_sent_(loop.Now()) {
    Arm();
  }

  std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                     HttpObserver& observer) override {
    if (IsOn()) {
      last_sent_ = loop_.Now();
      if (timer_ == nullptr) Arm();
    }
    return next_.Send(std::move(request), observer);
  }

 private:
  bool IsOn() const { return options_.keep_warm > absl::ZeroDuration(); }

  void Arm() {
    timer_.reset();
    if (!IsOn()) return;
    timer_ = loop_.RunAfter(last_sent_ + options_.keep_warm - loop_.Now(),
                            [this] { Look(); });
  }

  void Look() {
    if (IsOn() && loop_.Now() - last_sent_ >= options_.keep_warm) {
      last_sent_ = loop_.Now();
      running_ = probe_.Start("", [](const ProbeResult&) {});
    }
    Arm();
  }

  EventLoop& loop_;
  HttpTransport& next_;
  const OpenAiOptions& options_;
  ModelProbe probe_;
  absl::Time last_sent_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Probe> running_;
};

}  // namespace

std::unique_ptr<HttpTransport> KeepingWarm(EventLoop& loop, HttpTransport& next,
                                           const OpenAiOptions& options) {
  return std::make_unique<WarmTransport>(loop, next, options);
}

}  // namespace holysheep
