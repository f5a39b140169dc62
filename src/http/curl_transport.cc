#include "http/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "http/asio_loop.h"
#include "http/curl_connections.h"
#include "http/curl_exchange.h"
#include "http/curl_sockets.h"
#include "http/socket_options.h"

namespace holysheep {
// Invariants: an exchange is in exactly one place: in `idle_`, or owned by a
// Transfer and listed in `transfers_`, or, if it was destroyed inside curl, in
// `abandoned_` with its observer silenced. While `in_curl_` is set no handle is
// added or removed; CatchUp does so as soon as curl has returned. An observer's
// OnDone is called only after the exchange is back in `idle_`, so that it may
// start or destroy any transfer.

namespace {

// Handles kept for later requests, about 10 KB each. More than the upstream's
// connections by default, so that no handle is made under a usual load.
constexpr size_t kMaxIdleExchanges = 256;

using ExchangePtr = std::unique_ptr<CurlExchange>;

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(AsioLoop& loop, const CurlOptions& options);
  ~CurlTransport() override;

  std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                     HttpObserver& observer) override;

 private:
  class Transfer;

  ExchangePtr TakeExchange();
  void Start(CurlExchange& exchange);
  void Finish(CurlExchange& exchange, absl::Status status);
  void Abandon(ExchangePtr exchange);
  void Recycle(ExchangePtr exchange);
  void DoubtSilent(const CurlExchange& exchange);
  void HearLastOf(CURL* easy);

  void SetTimer(long milliseconds);
  void Act(curl_socket_t socket, int events);
  void CatchUp();

  AsioLoop& loop_;
  const CurlOptions options_;
  CurlSockets sockets_;
  CurlConnections connections_;
  CURLM* const multi_;
  std::unique_ptr<Timer> timer_;
  std::vector<ExchangePtr> idle_;
  // The exchanges that have a request, and the transfers that own them.
  absl::flat_hash_map<CurlExchange*, Transfer*> transfers_;

  // curl forbids adding and removing handles inside its callbacks, so that is
  // postponed until it returns.
  bool in_curl_ = false;
  std::vector<CurlExchange*> started_;
  std::vector<ExchangePtr> abandoned_;
};

class CurlTransport::Transfer final : public HttpTransfer {
 public:
  Transfer(CurlTransport& transport, ExchangePtr exchange)
      : transport_(transport), exchange_(std::move(exchange)) {}
  ~Transfer() override {
    if (exchange_ != nullptr) transport_.Abandon(std::move(exchange_));
  }

  bool is_waiting() const override {
    return exchange_ != nullptr && exchange_->is_waiting();
  }

  ExchangePtr Release() { return std::move(exchange_); }

 private:
  CurlTransport& transport_;
  ExchangePtr exchange_;  // Null once the exchange has ended.
};

CURLM* NewMulti() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = curl_multi_init();
  if (multi == nullptr) std::abort();  // Out of memory.
  return multi;
}

CurlTransport::CurlTransport(AsioLoop& loop, const CurlOptions& options)
    : loop_(loop),
      options_(options),
      sockets_(loop,
               [this](curl_socket_t socket, int ready) { Act(socket, ready); }),
      connections_(loop),
      multi_(NewMulti()) {
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                    static_cast<long>(options.max_connections));
  // One transfer at a time on a connection, so that both can be closed
  // together.
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING,
                    static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, &sockets_);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION,
      +[](CURL*, curl_socket_t socket, int wanted, void* sockets, void*) {
        static_cast<CurlSockets*>(sockets)->Watch(socket, wanted);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION,
      +[](CURLM*, long milliseconds, void* self) {
        static_cast<CurlTransport*>(self)->SetTimer(milliseconds);
        return 0;
      });
}

CurlTransport::~CurlTransport() {
  idle_.clear();
  curl_multi_cleanup(multi_);
  curl_global_cleanup();
}

std::unique_ptr<HttpTransfer> CurlTransport::Send(HttpRequest request,
                                                  HttpObserver& observer) {
  ExchangePtr owned = TakeExchange();
  CurlExchange& exchange = *owned;
  auto transfer = std::make_unique<Transfer>(*this, std::move(owned));
  transfers_.emplace(&exchange, transfer.get());
  const absl::Status status = exchange.Prepare(std::move(request), observer);
  if (!status.ok()) {
    exchange.EndSoon(status);
  } else if (in_curl_) {
    started_.push_back(&exchange);
  } else {
    Start(exchange);
  }
  return transfer;
}

ExchangePtr CurlTransport::TakeExchange() {
  if (!idle_.empty()) {
    ExchangePtr exchange = std::move(idle_.back());
    idle_.pop_back();
    return exchange;
  }
  return std::make_unique<CurlExchange>(
      loop_, connections_, options_,
      [this](CurlExchange& exchange, absl::Status status) {
        Finish(exchange, std::move(status));
      });
}

void CurlTransport::Start(CurlExchange& exchange) {
  // curl's bound on kept connections includes those in use. With a fixed bound
  // it would close idle ones under load.
  const size_t cached =
      transfers_.size() - 1 + static_cast<size_t>(options_.keepalive_per_host);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                    std::max(1L, static_cast<long>(cached)));
  connections_.EndLeft(
      [this](curl_socket_t socket) { return sockets_.IsWatched(socket); });
  if (curl_multi_add_handle(multi_, exchange.easy()) != CURLM_OK) {
    exchange.EndSoon(exchange.Outcome(CURLE_OUT_OF_MEMORY));
  }
}

void CurlTransport::Finish(CurlExchange& exchange, absl::Status status) {
  HttpObserver& observer = exchange.observer();
  const auto found = transfers_.find(&exchange);
  Recycle(found->second->Release());
  observer.OnDone(std::move(status));
}

void CurlTransport::Abandon(ExchangePtr exchange) {
  if (in_curl_) {
    exchange->Silence();
    abandoned_.push_back(std::move(exchange));
  } else {
    Recycle(std::move(exchange));
  }
}

// Whatever has happened, the handle leaves curl and is clean for the next
// request.
void CurlTransport::Recycle(ExchangePtr exchange) {
  transfers_.erase(exchange.get());
  started_.erase(std::remove(started_.begin(), started_.end(), exchange.get()),
                 started_.end());
  exchange->CloseConnection();  // No effect if curl already keeps it.
  curl_multi_remove_handle(multi_, exchange->easy());  // If it was added.
  DoubtSilent(*exchange);
  exchange->Clear();
  if (idle_.size() < kMaxIdleExchanges) idle_.push_back(std::move(exchange));
}

// A request that got no answer casts doubt on all connections that have been
// silent since: they may share a dead path.
void CurlTransport::DoubtSilent(const CurlExchange& exchange) {
  const std::optional<absl::Time> since = exchange.unanswered_since();
  if (!since.has_value() || loop_.Now() - *since < kSilence) return;
  connections_.EndUnheard(*since, [this](curl_socket_t socket) {
    return sockets_.IsWatched(socket);
  });
}

void CurlTransport::SetTimer(long milliseconds) {
  timer_.reset();
  if (milliseconds < 0) return;
  timer_ = loop_.RunAfter(absl::Milliseconds(milliseconds),
                          [this] { Act(CURL_SOCKET_TIMEOUT, 0); });
}

void CurlTransport::Act(curl_socket_t socket, int events) {
  if ((events & CURL_CSELECT_IN) != 0) connections_.Hear(socket);
  int running = 0;
  in_curl_ = true;
  curl_multi_socket_action(multi_, socket, events, &running);
  in_curl_ = false;
  CatchUp();
}

// Credits the answer to its connection: if it was there at once, curl has read
// it without an event of the socket.
void CurlTransport::HearLastOf(CURL* easy) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
  connections_.Hear(socket);
}

void CurlTransport::CatchUp() {
  for (ExchangePtr& exchange : std::exchange(abandoned_, {})) {
    Recycle(std::move(exchange));
  }
  for (CurlExchange* exchange : std::exchange(started_, {})) Start(*exchange);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    CurlExchange& exchange = CurlExchange::Of(message->easy_handle);
    HearLastOf(message->easy_handle);
    Finish(exchange, exchange.Outcome(message->data.result));
  }
}

}  // namespace

std::unique_ptr<HttpTransport> NewCurlTransport(AsioLoop& loop,
                                                const CurlOptions& options) {
  return std::make_unique<CurlTransport>(loop, options);
}

}  // namespace holysheep
