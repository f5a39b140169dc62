#include "http/curl_exchange.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "http/curl_advice.h"
#include "http/curl_version.h"
#include "http/peer_error.h"

namespace holysheep {
namespace {

// For curl, which takes 0 as 300 s.
constexpr long kNoTimeoutMs = 24L * 60 * 60 * 1000;

}  // namespace

CurlExchange::CurlExchange(EventLoop& loop, CurlConnections& connections,
                           const CurlOptions& options, OnEnd on_end)
    : loop_(loop),
      connections_(connections),
      on_end_(std::move(on_end)),
      version_(options.http_version),
      easy_(curl_easy_init()) {
  SetCallbacks();
  SetFixedOptions(options);
}

template <typename Value>
void CurlExchange::Set(CURLoption option, Value value) {
  if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) {
    options_taken_ = false;
  }
}

void CurlExchange::SetFixedOptions(const CurlOptions& options) {
  Set(CURLOPT_PRIVATE, this);
  Set(CURLOPT_ERRORBUFFER, error_);
  Set(CURLOPT_NOSIGNAL, 1L);
  // Else giving up during a name look-up would block until its end.
  Set(CURLOPT_QUICK_EXIT, 1L);
  // The time limit is kept here, because curl's starts with Prepare.
  Set(CURLOPT_CONNECTTIMEOUT_MS, kNoTimeoutMs);
  Set(CURLOPT_USERAGENT, "holysheep-node");
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_TCP_NODELAY, 1L);
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_DNS_CACHE_TIMEOUT,
      static_cast<long>(absl::ToInt64Seconds(options.dns_ttl)));
  Set(CURLOPT_PROXY, options.proxy.c_str());
  // Else the environment could name hosts to reach without it.
  Set(CURLOPT_NOPROXY, "");
  if (!options.ca_file.empty()) {
    Set(CURLOPT_CAINFO, options.ca_file.c_str());
    Set(CURLOPT_CAPATH, nullptr);
  }
}

void CurlExchange::SetCallbacks() {
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, this);
  Set(CURLOPT_RESOLVER_START_FUNCTION, &OnResolve);
  Set(CURLOPT_RESOLVER_START_DATA, this);
  Set(CURLOPT_PREREQFUNCTION, &OnConnected);
  Set(CURLOPT_PREREQDATA, this);
  Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpen);
  Set(CURLOPT_OPENSOCKETDATA, this);
  if (!connections_.CloseFor(easy_.get())) options_taken_ = false;
}

absl::Status CurlExchange::Prepare(HttpRequest request,
                                   HttpObserver& observer) {
  observer_ = &observer;
  request_ = std::move(request);
  Set(CURLOPT_URL, request_.url.c_str());
  Set(CURLOPT_HTTP_VERSION, CurlVersionFor(version_, request_.url));
  Set(CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L);
  Set(CURLOPT_FORBID_REUSE, 0L);
  SetMethod();
  absl::Status status = SetHeaders(request_.headers);
  if (!status.ok()) return status;
  if (options_taken_) return absl::OkStatus();
  return Error(Reason::kInternal, "libcurl does not take an option");
}

void CurlExchange::SetMethod() {
  const std::string& method = request_.method;
  if (method == "GET" && request_.body.empty()) {
    Set(CURLOPT_HTTPGET, 1L);
  } else {
    Set(CURLOPT_POST, 1L);
    Set(CURLOPT_POSTFIELDS, request_.body.c_str());
    Set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request_.body.size()));
  }
  const bool implied = method == "GET" || method == "POST";
  Set(CURLOPT_CUSTOMREQUEST, implied ? nullptr : method.c_str());
}

absl::Status CurlExchange::SetHeaders(const ResponseHead::Headers& headers) {
  absl::StatusOr<CurlList> lines = HeaderLines(headers);
  if (!lines.ok()) return lines.status();
  Set(CURLOPT_HTTPHEADER, lines->get());
  header_lines_ = *std::move(lines);
  return absl::OkStatus();
}

void CurlExchange::Silence() {
  observer_ = nullptr;
  timer_.reset();
}

void CurlExchange::CloseConnection() { Set(CURLOPT_FORBID_REUSE, 1L); }

// The easy handle still points to old strings; the next Prepare replaces them.
void CurlExchange::Clear() {
  Silence();
  request_ = {};
  header_lines_.reset();
  waiting_ = true;
  opened_ = false;
  sent_.reset();
  repeated_ = false;
  answered_ = false;
  head_.Clear();
  stopped_ = absl::OkStatus();
  error_[0] = '\0';
}

CurlExchange& CurlExchange::Of(CURL* easy) {
  char* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return *reinterpret_cast<CurlExchange*>(self);
}

absl::Status CurlExchange::Outcome(CURLcode result) const {
  if (!stopped_.ok()) return stopped_;
  if (result == CURLE_OK) {
    return head_.complete()
               ? absl::OkStatus()
               : Error(Reason::kUpstreamConnect,
                       "the connection was closed inside the headers");
  }
  ErrorDetails details;
  details.unanswered = UnansweredBytes(result);
  if (repeated_) {
    return Error(Reason::kUpstreamConnect,
                 "the connection ended before an answer, or the request was "
                 "refused unread",
                 details);
  }
  // The details on a bad proxy setting would show its password.
  const bool detailed =
      error_[0] != '\0' && result != CURLE_COULDNT_RESOLVE_PROXY;
  const absl::string_view advice = AdviceFor(result, error_);
  details.lasting = !advice.empty();
  return Error(
      ReasonFor(result),
      absl::StrCat(detailed ? error_ : curl_easy_strerror(result), advice),
      details);
}

bool CurlExchange::UnansweredBytes(CURLcode result) const {
  if (answered_ || request_.fresh_connection) return false;
  if (repeated_) return true;
  const bool reused = sent_.has_value() && !opened_;
  return reused && ReasonFor(result) == Reason::kUpstreamConnect;
}

Reason CurlExchange::ReasonFor(CURLcode result) const {
  if (head_.complete()) return Reason::kStreamTruncated;
  switch (result) {
    case CURLE_WEIRD_SERVER_REPLY:
      return Reason::kUpstreamMalformed;
    case CURLE_UNSUPPORTED_PROTOCOL:  // In the answer, or in the URL.
    case CURLE_OUT_OF_MEMORY:         // So curl says of a header too long,
    case static_cast<CURLcode>(100):  // from 8.6 on as CURLE_TOO_LARGE.
      return sent_.has_value() ? Reason::kUpstreamMalformed : Reason::kInternal;
    case CURLE_URL_MALFORMAT:
      return Reason::kInternal;
    default:
      return Reason::kUpstreamConnect;
  }
}

absl::Status CurlExchange::Error(Reason reason, absl::string_view message,
                                 const ErrorDetails& details) const {
  return PeerError(request_.url, reason, message, details);
}

void CurlExchange::EndSoon(const absl::Status& status) {
  timer_ = loop_.RunAfter(absl::ZeroDuration(),
                          [this, status] { on_end_(*this, status); });
}

void CurlExchange::StartClock() {
  if (timer_ != nullptr || observer_ == nullptr) return;
  const absl::Duration timeout = request_.connect_timeout;
  timer_ = loop_.RunAfter(timeout, [this, timeout] {
    on_end_(*this, Error(Reason::kConnectTimeout,
                         absl::StrCat("no connection within ",
                                      absl::FormatDuration(timeout))));
  });
}

absl::Status CurlExchange::TakeHeaderLine(absl::string_view line) {
  const bool was_complete = head_.complete();
  const absl::Status status = head_.TakeLine(line);
  if (!status.ok()) return Error(ReasonOf(status), status.message());
  if (head_.complete() && !was_complete) {
    observer_->OnHeaders(head_.status(), head_.headers());
  }
  return absl::OkStatus();
}

absl::Status CurlExchange::TakeBody(absl::string_view data) {
  if (!head_.complete()) {
    return Error(Reason::kUpstreamMalformed, "a body without headers");
  }
  return data.empty() ? absl::OkStatus() : observer_->OnBody(data);
}

size_t CurlExchange::Take(absl::Status status, size_t size) {
  stopped_ = std::move(status);
  if (stopped_.ok()) return size;
  CloseConnection();
  return CURL_WRITEFUNC_ERROR;
}

size_t CurlExchange::OnHeader(char* data, size_t size, size_t count,
                              void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  exchange.answered_ = true;
  if (exchange.observer_ == nullptr) return CURL_WRITEFUNC_ERROR;
  size *= count;
  return exchange.Take(exchange.TakeHeaderLine({data, size}), size);
}

size_t CurlExchange::OnBody(char* data, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  exchange.answered_ = true;
  if (exchange.observer_ == nullptr) return CURL_WRITEFUNC_ERROR;
  size *= count;
  return exchange.Take(exchange.TakeBody({data, size}), size);
}

int CurlExchange::OnResolve(void*, void*, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (!exchange.MaySend()) return 1;
  exchange.TakeTurn();
  exchange.StartClock();
  return 0;
}

curl_socket_t CurlExchange::OnOpen(void* self, curlsocktype,
                                   curl_sockaddr* address) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (!exchange.MaySend()) return CURL_SOCKET_BAD;
  exchange.TakeTurn();
  exchange.opened_ = true;
  exchange.StartClock();
  return exchange.connections_.Open(*address,
                                    exchange.request_.connect_timeout);
}

int CurlExchange::OnConnected(void* self, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (!exchange.MaySend()) return CURL_PREREQFUNC_ABORT;
  exchange.TakeTurn();
  exchange.timer_.reset();
  exchange.sent_ = exchange.loop_.Now();
  return CURL_PREREQFUNC_OK;
}

void CurlExchange::TakeTurn() {
  if (std::exchange(waiting_, false) && observer_ != nullptr) {
    observer_->OnTurn();
  }
}

bool CurlExchange::MaySend() {
  repeated_ = sent_.has_value();
  return !repeated_ && observer_ != nullptr;
}

}  // namespace holysheep
