#include "http/native/pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "http/asio_loop.h"
#include "http/socket_options.h"

namespace holysheep::native {
// Invariants: a call that was added is in `waiting_`, or listed by exactly one
// opening or carried by exactly one connection, until it ends or is destroyed.
// A connection is in `free_` exactly if it has room. If a call
// waits, the first one cannot be placed: whoever makes room calls Pump. Only
// OnNotOpened and the timers end calls, as their last action.

namespace {

// Callers bound their calls far below.
constexpr size_t kMaxWaiting = 10'000;
// As many streams as servers usually allow.
constexpr size_t kMaxSharing = 100;

}  // namespace

Pool::Pool(AsioLoop& loop, const CurlOptions& options)
    : loop_(loop),
      options_(options),
      resolver_(loop, options.dns_ttl),
      tls_(options.ca_file, options.http_version != HttpVersion::kHttp11) {}

Pool::~Pool() {
  for (const auto& [_, opening] : openings_) opening->Cancel();
  for (const auto& [_, connection] : connections_) connection->Close();
}

void Pool::Add(Call& call) {
  if (waiting_.size() >= kMaxWaiting) {
    return EndSoon(call, absl::ResourceExhaustedError(absl::StrCat(
                             kMaxWaiting, " requests wait for a connection")));
  }
  if (waiting_.empty() && Place(call)) return;
  call.waiting = waiting_.insert(waiting_.end(), &call);
}

void Pool::EndSoon(Call& call, absl::Status status) {
  call.timer =
      loop_.RunAfter(absl::ZeroDuration(), [&call, status = std::move(status)] {
        call.EndWith(Reason::kInternal, status.message());
      });
}

bool Pool::Place(Call& call) {
  if (!call.request().fresh_connection) {
    if (Connection* const connection = FreeConnection(call.target()->origin)) {
      Assign(*connection, call);
      return true;
    }
    if (Opening* const opening = SharedOpening(call)) {
      Attach(*opening, call);
      return true;
    }
  }
  if (!MakeRoom()) return false;
  Open(call);
  return true;
}

// The newest that has room; null if there is none. Closes those whose peer has
// left a moment ago, of which the channel has not been notified yet.
Connection* Pool::FreeConnection(const std::string& origin) {
  while (Connection* const newest = free_.Newest(origin)) {
    if (!newest->idle() || !newest->PeerHasLeft()) return newest;
    Close(*newest);
  }
  return nullptr;
}

// Returns whether there may be one connection more. Closes the longest idle one
// if need be.
bool Pool::MakeRoom() {
  const size_t most = static_cast<size_t>(options_.max_connections);
  if (most == 0 || connections_.size() + openings_.size() < most) return true;
  Connection* oldest = nullptr;
  for (const auto& [connection, _] : connections_) {
    if (!connection->idle()) continue;
    if (oldest == nullptr || connection->heard() < oldest->heard()) {
      oldest = connection;
    }
  }
  if (oldest == nullptr) return false;
  Close(*oldest);
  return true;
}

void Pool::Pump() {
  while (!waiting_.empty()) {
    Call& call = *waiting_.front();
    waiting_.pop_front();
    call.waiting.reset();
    if (Place(call)) {
      call.OnTurn();
      continue;
    }
    call.waiting = waiting_.insert(waiting_.begin(), &call);
    return;
  }
}

void Pool::Assign(Connection& connection, Call& call) {
  call.connection = &connection;
  connection.Start(call);
  if (!connection.has_room()) free_.Remove(connection);
}

// With HTTP/2, calls wait together for one connection.
Opening* Pool::SharedOpening(const Call& call) {
  if (!OffersHttp2(*call.target())) return nullptr;
  const std::string& origin = call.target()->origin;
  if (free_.only_http1(origin)) return nullptr;
  for (const auto& [opening, _] : openings_) {
    if (opening->target().origin == origin &&
        opening->calls.size() < kMaxSharing) {
      return opening;
    }
  }
  return nullptr;
}

void Pool::Open(Call& call) {
  const auto opening =
      std::make_shared<Opening>(Opening::Tools{loop_, resolver_, tls_, *this},
                                call.target(), call.request().connect_timeout);
  openings_.emplace(opening.get(), opening);
  Attach(*opening, call);
  opening->Start();
}

void Pool::Attach(Opening& opening, Call& call) {
  opening.calls.push_back(&call);
  call.opening = &opening;
  call.timer = loop_.RunAfter(call.request().connect_timeout,
                              [this, &call] { OnConnectTimeout(call); });
}

// Removes the call from its opening, which is cancelled if nobody else wants
// it.
void Pool::Detach(Call& call) {
  Opening& opening = *std::exchange(call.opening, nullptr);
  std::erase(opening.calls, &call);
  const auto found = openings_.find(&opening);
  // One that is not listed has failed, and its calls are being ended.
  if (!opening.calls.empty() || found == openings_.end()) return;
  opening.Cancel();
  openings_.erase(found);
}

void Pool::OnConnectTimeout(Call& call) {
  Detach(call);
  Pump();
  call.EndWith(
      Reason::kConnectTimeout,
      absl::StrCat("no connection within ",
                   absl::FormatDuration(call.request().connect_timeout)));
}

bool Pool::OffersHttp2(const Target& target) const {
  return options_.http_version == HttpVersion::kHttp2 ||
         (options_.http_version == HttpVersion::kAuto && target.tls);
}

void Pool::OnOpened(Opening& opening, std::shared_ptr<Channel> channel) {
  const std::string& origin = opening.target().origin;
  const std::shared_ptr<Opening> opened = openings_.extract(&opening).mapped();
  const bool http2 = OffersHttp2(opening.target()) &&
                     (!opening.target().tls || channel->protocol() == "h2");
  free_.SetOnlyHttp1(origin, !http2);
  const std::shared_ptr<Connection> connection =
      http2
          ? NewHttp2Connection(loop_, *this, origin, channel, options_.patience)
          : NewHttp1Connection(loop_, *this, origin, channel);
  connections_.emplace(connection.get(), connection);
  channel->Use(connection);
  for (Call* const call : std::exchange(opening.calls, {})) {
    call->opening = nullptr;
    call->timer.reset();
    if (connection->has_room()) {
      Assign(*connection, *call);
    } else {
      call->waiting = waiting_.insert(waiting_.end(), call);
    }
  }
  if (connection->has_room()) free_.Add(*connection);
  Pump();
}

void Pool::OnNotOpened(Opening& opening, const std::string& message,
                       absl::string_view advice) {
  const std::shared_ptr<Opening> failed = openings_.extract(&opening).mapped();
  Pump();
  const int64_t event = absl::ToUnixNanos(loop_.Now());
  // An observer may destroy other calls, which takes them off the list.
  while (!failed->calls.empty()) {
    Call& call = *failed->calls.back();
    call.event = event;
    failed->calls.pop_back();
    call.opening = nullptr;
    call.EndUnconnected(message, advice);
  }
}

void Pool::OnEnded(Call& call) { DoubtSilent(call); }

void Pool::OnDestroyed(Call& call) {
  call.timer.reset();
  if (call.waiting.has_value()) {
    waiting_.erase(*call.waiting);
    return Pump();  // It may have been the one that nobody could pass.
  }
  if (call.opening != nullptr) {
    Detach(call);
    return Pump();
  }
  if (call.connection == nullptr) return;  // It was to end soon.
  const std::shared_ptr<Connection> kept = connections_.at(call.connection);
  kept->Drop(call);
  DoubtSilent(call);
}

void Pool::OnRoom(Connection& connection) {
  free_.Add(connection);
  Pump();
  if (trim_timer_ == nullptr &&
      free_.MayExceed(options_.keepalive_per_host, connection)) {
    trim_timer_ = loop_.RunAfter(options_.idle_grace, [this] { TrimIdle(); });
  }
}

// Under load a connection is idle between two calls; one that is closed then
// would only be opened again.
void Pool::TrimIdle() {
  trim_timer_.reset();
  for (Connection* const idle : free_.IdleBeyond(options_.keepalive_per_host)) {
    Close(*idle);
  }
}

void Pool::OnGone(Connection& connection) {
  free_.Remove(connection);
  connections_.erase(&connection);
  Pump();
}

void Pool::Close(Connection& connection) {
  connection.Close();
  free_.Remove(connection);
  connections_.erase(&connection);
}

// A request that got no answer casts doubt on all connections that have been
// silent since: they may share a dead path.
void Pool::DoubtSilent(const Call& call) {
  const std::optional<absl::Time> since = call.unanswered_since();
  if (!since.has_value() || loop_.Now() - *since < kSilence) return;
  std::vector<Connection*> silent;
  for (const auto& [connection, _] : connections_) {
    if (connection->heard() < *since) silent.push_back(connection);
  }
  for (Connection* const connection : silent) {
    if (connection->idle()) {
      Close(*connection);
    } else {
      connection->Retire();
      free_.Remove(*connection);
    }
  }
  Pump();
}

}  // namespace holysheep::native
