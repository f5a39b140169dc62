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

ProbeResult NotChecked(absl::string_view why) {
  return {FailedHop::kNone,
          absl::StrCat("the key could not be checked without cost: ", why),
          {}};
}

// `timer_` and `transfer_` are set until the end; whichever comes first
// destroys the other before `done_` is called. `openly_` is set once the key is
// accepted, while the models are asked for without one.
class ProbeCall final : public Probe, private HttpObserver {
 public:
  ProbeCall(EventLoop& loop, HttpTransport& transport, HttpRequest request,
            HttpRequest open_request, std::string key, KeyVeil veil,
            ModelProbe::Done done)
      : loop_(loop),
        transport_(transport),
        request_(std::move(request)),
        open_request_(std::move(open_request)),
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
    if (!openly_ && !status.ok() && DetailsOf(status).unanswered) {
      request_.fresh_connection = true;  // Then never `unanswered`.
      transfer_ = transport_.Send(request_, *this);
    } else if (!openly_ && HasModels()) {
      AskOpenly();
    } else {
      End(openly_ ? OpenResult() : Result(status));
    }
  }
  void AskOpenly() {
    openly_ = true;
    http_status_ = 0;
    body_.clear();
    transfer_ = transport_.Send(open_request_, *this);
  }
  void OnTimeout() {
    transfer_.reset();
    // What was asked with the key has been answered.
    if (openly_) return End({});
    End(UpstreamFailed(Reason::kFirstTokenTimeout,
                       "the upstream did not answer within 15 s"));
  }

  bool HasModels() const {
    return http_status_ >= 200 && http_status_ <= 299 &&
           !absl::StartsWith(absl::StripLeadingAsciiWhitespace(body_), "<");
  }
  ProbeResult OpenResult() const {
    if (!HasModels()) return {};
    return NotChecked("the upstream shows its models to everybody");
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
  const HttpRequest open_request_;
  const std::string key_;
  const KeyVeil veil_;
  ModelProbe::Done done_;
  bool openly_ = false;
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
  if (http_status_ == 404 || http_status_ == 405) {
    return NotChecked(absl::StrCat("the upstream has no GET /models (HTTP ",
                                   http_status_,
                                   "); if calls fail, check "
                                   "upstream.base_url"));
  }
  return UpstreamFailed(reason, words);
}

}  // namespace

std::unique_ptr<Probe> ModelProbe::Start(absl::string_view key, Done done) {
  const std::string used = std::string(key.empty() ? options_.api_key : key);
  HttpRequest request = UpstreamRequest(options_, "GET", "/models", used);
  HttpRequest open = UpstreamRequest(options_, "GET", "/models", "");
  for (HttpRequest* one : {&request, &open}) {
    one->headers.emplace_back("accept", "application/json");
  }
  return std::make_unique<ProbeCall>(loop_, transport_, std::move(request),
                                     std::move(open), used,
                                     VeilFor(options_, used), std::move(done));
}

}  // namespace holysheep
