#include "upstream/model_probe.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "openai/http_errors.h"
#include "openai/key_veil.h"
#include "upstream/upstream_request.h"

namespace holysheep {
namespace {

// Longer than the 10 s that a connection may take by default, so that its
// error, which says more, comes first.
constexpr absl::Duration kTimeout = absl::Seconds(15);
// Enough to understand a refusal; of a list of models only the beginning
// matters.
constexpr size_t kMaxBody = 16'384;

using FailedHop = ProbeResult::FailedHop;

ProbeResult UpstreamFailed(Reason reason, absl::string_view why) {
  return {FailedHop::kUpstream,
          absl::StrCat(why, "; check upstream.base_url and the network"),
          ReasonName(reason)};
}

// `timer_` and `transfer_` are set until the end; whichever comes first
// destroys the other before `done_` is called.
class ProbeCall final : public Probe, private HttpObserver {
 public:
  ProbeCall(EventLoop& loop, HttpTransport& transport, HttpRequest request,
            std::string key, KeyVeil veil, ModelProbe::Done done)
      : loop_(loop),
        transport_(transport),
        request_(std::move(request)),
        key_(std::move(key)),
        veil_(std::move(veil)),
        done_(std::move(done)),
        timer_(loop.RunAfter(kTimeout, [this] { OnTimeout(); })),
        transfer_(transport.Send(request_, *this)) {}

 private:
  void OnHeaders(int status, const HttpHeaders& headers) override {
    http_status_ = status;
    headers_ = headers;
  }
  absl::Status OnBody(absl::string_view data) override {
    data = data.substr(0, kMaxBody - body_.size());
    body_.append(data.data(), data.size());
    return absl::OkStatus();
  }
  void OnDone(absl::Status status) override {
    if (!status.ok() && DetailsOf(status).unanswered) {
      request_.fresh_connection = true;  // Then never `unanswered`.
      transfer_ = transport_.Send(request_, *this);
    } else {
      End(Result(status));
    }
  }
  void OnTimeout() {
    transfer_.reset();
    End(UpstreamFailed(Reason::kFirstTokenTimeout,
                       "the upstream did not answer within 15 s"));
  }

  ProbeResult Result(const absl::Status& status) const;
  void End(ProbeResult result) {
    timer_.reset();
    result.message = veil_.Hide(result.message);
    // Called from a local copy, because it may destroy this object.
    ModelProbe::Done done = std::move(done_);
    done(std::move(result));
  }

  EventLoop& loop_;
  HttpTransport& transport_;
  HttpRequest request_;
  const std::string key_;
  const KeyVeil veil_;
  ModelProbe::Done done_;
  int http_status_ = 0;
  HttpHeaders headers_;
  std::string body_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<HttpTransfer> transfer_;
};

// Whose fault a refusal is decides which hop is named.
ProbeResult ProbeCall::Result(const absl::Status& status) const {
  if (http_status_ == 0) {
    return UpstreamFailed(ReasonOf(status), status.message());
  }
  if (http_status_ >= 200 && http_status_ <= 299) {
    if (!absl::StartsWith(absl::StripLeadingAsciiWhitespace(body_), "<")) {
      return {};
    }
    return UpstreamFailed(
        Reason::kUpstreamMalformed,
        "the upstream answered with a page instead of a list of models");
  }
  const absl::Status error =
      StatusFromHttp({http_status_, headers_, body_, loop_.Now(), key_});
  const std::string words(error.message());
  const Reason reason = ReasonOf(error);
  if (RowOf(reason).fault == Fault::kAccount) {
    return {FailedHop::kKey, words, ReasonName(reason)};
  }
  // An upstream that counts requests has accepted the key.
  if (reason == Reason::kRateLimitedUpstream) return {};
  return UpstreamFailed(reason, words);
}

}  // namespace

std::unique_ptr<Probe> ModelProbe::Start(absl::string_view key, Done done) {
  const std::string used = std::string(key.empty() ? options_.api_key : key);
  HttpRequest request = UpstreamRequest(options_, "GET", "/models", used);
  request.headers.emplace_back("accept", "application/json");
  return std::make_unique<ProbeCall>(loop_, transport_, std::move(request),
                                     used, VeilFor(options_, used),
                                     std::move(done));
}

}  // namespace holysheep
