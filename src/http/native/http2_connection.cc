#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/event_loop.h"
#include "http/native/call.h"
#include "http/native/connection.h"
#include "http/native/http2_session.h"
#include "http/native/http2_stream.h"
#include "http/native/peer_watch.h"

namespace holysheep::native {
// Invariants: `streams_` holds the streams that the session has not closed;
// `live_` of them have a call. A call that is gone leaves its stream without
// one until the session has reset it. While `in_session_` is set nothing is
// sent: who has set it does so afterwards. Calls end inside OnBytes, OnEnd and
// timers only; what the sending finds out ends on the next turn.

namespace {
// How much is encoded ahead of the socket.
constexpr size_t kCollectBytes = 64 * 1024;

constexpr char kBrokenRules[] = "the peer breaks the rules of HTTP/2";
class Http2Connection final : public Connection,
                              private Http2Session::Events,
                              private PeerWatch::Watched {
 public:
  Http2Connection(EventLoop& loop, ConnectionOwner& owner, std::string origin,
                  std::shared_ptr<Channel> channel, absl::Duration patience)
      : Connection(std::move(origin)),
        loop_(loop),
        owner_(owner),
        channel_(std::move(channel)),
        watch_(loop, patience, *this) {}

  bool has_room() const override {
    return !retired_ && session_->MayOpen(streams_.size());
  }
  bool idle() const override { return live_ == 0; }
  bool PeerHasLeft() const override { return channel_->PeerHasLeft(); }
  absl::Time heard() const override { return channel_->heard(); }
  void Start(Call& call) override;
  void Drop(Call& call) override;
  void Retire() override;
  void Close() override { channel_->Close(); }

  void OnBytes(absl::string_view bytes) override;
  void OnPause() override;
  void OnDrained() override {
    sending_ = false;
    Flush();
    LeaveIfDone();
  }
  void OnEnd(const Channel::End& end) override { EndAll(end.message, false); }

 private:
  bool OnHeader(int32_t id, absl::string_view name,
                absl::string_view value) override;
  void OnHeadEnd(int32_t id) override;
  void OnData(int32_t id, absl::string_view data) override;
  void OnAllReceived(int32_t id) override;
  void OnClosed(int32_t id, uint32_t code) override;
  void OnNotSent(int32_t id) override;
  size_t OnBodyWanted(int32_t id, absl::Span<char> to, bool& last) override;
  void OnLimits() override;

  bool expects() const override { return live_ > 0; }
  void Ping() override {
    session_->Ping();
    Flush();
  }
  // Its calls go on until the kernel or their own deadlines end them.
  void OnNoAnswer() override {
    Retire();
    owner_.OnNoRoom(*this);
  }
  void OnEndNow() override {
    const std::shared_ptr<Connection> self = shared_from_this();
    EndAll("the connection takes no more requests", false);
  }

  // The stream if its call is not gone, otherwise null.
  Http2Stream* Live(int32_t id);
  Call& Release(Http2Stream& stream);
  void EndLater(Call& call, std::string message, bool unread);
  void EndAll(const std::string& message, bool malformed);
  void Flush();
  void LeaveIfDone();

  EventLoop& loop_;
  ConnectionOwner& owner_;
  const std::shared_ptr<Channel> channel_;
  const std::unique_ptr<Http2Session> session_ = NewHttp2Session(*this);
  absl::flat_hash_map<int32_t, std::unique_ptr<Http2Stream>> streams_;
  size_t live_ = 0;
  std::string out_;
  bool in_session_ = false;
  bool sending_ = false;  // The channel has something of `out_` left.
  bool used_ = false;
  bool retired_ = false;
  PeerWatch watch_;
};

void Http2Connection::Start(Call& call) {
  call.OnSent(loop_.Now(), std::exchange(used_, true));
  const int32_t id = session_->Submit(*call.target(), call.request());
  if (id < 0) {
    return EndLater(call, "the connection takes no more requests", true);
  }
  call.stream = id;
  streams_.emplace(id, std::make_unique<Http2Stream>(call));
  if (live_++ == 0) watch_.Begin();
  Flush();
}

// Nothing of the peer since the request: the connection may be dead.
void Http2Connection::Drop(Call& call) {
  const std::optional<absl::Time> since = call.unanswered_since();
  if (since.has_value() && heard() < *since) {
    retired_ = true;
    owner_.OnNoRoom(*this);
  }
  session_->Reset(call.stream);
  Release(*streams_.at(call.stream));
  Flush();
  LeaveIfDone();
}

void Http2Connection::Retire() {
  retired_ = true;
  LeaveIfDone();
}

Http2Stream* Http2Connection::Live(int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second->call == nullptr) return nullptr;
  return found->second.get();
}

Call& Http2Connection::Release(Http2Stream& stream) {
  Call& call = *std::exchange(stream.call, nullptr);
  call.connection = nullptr;
  --live_;
  return call;
}

void Http2Connection::EndLater(Call& call, std::string message, bool unread) {
  call.connection = nullptr;
  call.timer = loop_.RunAfter(absl::ZeroDuration(),
                              [&call, message = std::move(message), unread] {
                                call.EndLost(message, unread);
                              });
}

void Http2Connection::OnBytes(absl::string_view bytes) {
  in_session_ = true;
  const bool understood = session_->Receive(bytes);
  in_session_ = false;
  if (understood) return;
  Flush();  // It may say why.
  EndAll(kBrokenRules, true);
}

// Over TLS each answer may have a record of its own; what they have set off is
// sent at once.
void Http2Connection::OnPause() {
  Flush();
  if (session_->over()) return EndAll(kBrokenRules, !session_->going_away());
  LeaveIfDone();
}

bool Http2Connection::OnHeader(int32_t id, absl::string_view name,
                               absl::string_view value) {
  Http2Stream* const stream = Live(id);
  if (stream == nullptr) return true;
  stream->call->OnByte();
  return stream->TakeHeader(name, value);
}

void Http2Connection::OnHeadEnd(int32_t id) {
  if (Http2Stream* const stream = Live(id)) stream->EndHead();
}

void Http2Connection::OnData(int32_t id, absl::string_view data) {
  Http2Stream* const stream = Live(id);
  if (stream == nullptr) return;
  const absl::Status status = stream->call->OnBody(data);
  if (status.ok()) return;
  session_->Reset(id);
  Release(*stream).End(status);
}

// The call ends with the stream, after which there is room, unless the request
// is still under way.
void Http2Connection::OnAllReceived(int32_t id) {
  Http2Stream* const stream = Live(id);
  if (stream == nullptr || !stream->has_head()) return;
  stream->complete = true;
  if (stream->sent_all()) return;
  session_->Reset(id);
  Release(*stream).End(absl::OkStatus());
}

void Http2Connection::OnClosed(int32_t id, uint32_t code) {
  const auto node = streams_.extract(id);
  if (node.empty()) return;
  const std::unique_ptr<Http2Stream>& stream = node.mapped();
  Call* const call = stream->call == nullptr ? nullptr : &Release(*stream);
  if (has_room()) owner_.OnRoom(*this);
  if (call == nullptr) return;
  if (stream->complete) return call->End(absl::OkStatus());
  const std::string message =
      absl::StrCat("the stream ended: ", CodeName(code));
  if (stream->too_long() || SaysMalformed(code)) {
    return call->EndMalformed(message);
  }
  call->EndLost(message, SaysUnread(code));
}

void Http2Connection::OnNotSent(int32_t id) {
  const auto node = streams_.extract(id);
  if (node.empty()) return;
  const std::unique_ptr<Http2Stream>& stream = node.mapped();
  if (stream->call == nullptr) return;
  EndLater(Release(*stream), "the connection takes no more requests", true);
}

size_t Http2Connection::OnBodyWanted(int32_t id, absl::Span<char> to,
                                     bool& last) {
  Http2Stream* const stream = Live(id);
  return stream == nullptr ? 0 : stream->CopyBody(to, last);
}

void Http2Connection::OnLimits() {
  if (has_room()) {
    owner_.OnRoom(*this);
  } else {
    owner_.OnNoRoom(*this);
  }
}

// Sends what the session has to send, unless the channel is busy.
void Http2Connection::Flush() {
  if (in_session_ || sending_) return;
  while (true) {
    out_.clear();
    in_session_ = true;
    const bool going_on = session_->Collect(kCollectBytes, out_);
    in_session_ = false;
    if (!going_on) return watch_.EndSoon();  // No call may end here.
    if (out_.empty()) return;
    sending_ = !channel_->Write(out_, "");
    if (sending_) return;
  }
}

// Ends all calls and the connection. One that an observer destroys meanwhile
// leaves the list by Drop.
void Http2Connection::EndAll(const std::string& message, bool malformed) {
  retired_ = true;
  in_session_ = true;  // Nothing is sent any more.
  owner_.OnNoRoom(*this);
  const int64_t event = absl::ToUnixNanos(loop_.Now());
  while (live_ > 0) {
    const auto next = std::find_if(
        streams_.begin(), streams_.end(),
        [](const auto& entry) { return entry.second->call != nullptr; });
    Call& call = Release(*next->second);
    call.event = event;
    if (malformed) {
      call.EndMalformed(message);
    } else {
      call.EndLost(message);
    }
  }
  channel_->Close();
  owner_.OnGone(*this);
}

void Http2Connection::LeaveIfDone() {
  if (in_session_ || live_ > 0 || !(retired_ || session_->going_away())) return;
  retired_ = true;
  channel_->Close();
  owner_.OnGone(*this);
}

}  // namespace

std::shared_ptr<Connection> NewHttp2Connection(EventLoop& loop,
                                               ConnectionOwner& owner,
                                               std::string origin,
                                               std::shared_ptr<Channel> channel,
                                               absl::Duration patience) {
  return std::make_shared<Http2Connection>(loop, owner, std::move(origin),
                                           std::move(channel), patience);
}

}  // namespace holysheep::native
