#include <string>
#include <utility>

#include "base/event_loop.h"
#include "http/native/call.h"
#include "http/native/connection.h"
#include "http/native/http1_parser.h"
#include "http/native/request_head.h"

namespace holysheep::native {
// Invariants: `call_` is the call whose response is awaited. Its request is in
// `head_` and the call until it has left (`sending_` is unset), so a call ends
// only after its channel has nothing of it any more or is closed. Before a call
// ends the connection is free for the next or gone.

namespace {

class Http1Connection final : public Connection, private Http1Parser::Sink {
 public:
  Http1Connection(EventLoop& loop, ConnectionOwner& owner, std::string origin,
                  std::shared_ptr<Channel> channel)
      : Connection(std::move(origin)),
        loop_(loop),
        owner_(owner),
        channel_(std::move(channel)) {}

  bool has_room() const override { return call_ == nullptr; }
  bool idle() const override { return call_ == nullptr; }
  bool PeerHasLeft() const override { return channel_->PeerHasLeft(); }
  absl::Time heard() const override { return channel_->heard(); }
  void Start(Call& call) override;
  void Drop(Call& call) override;
  // A busy connection ends with its call in any case that this is asked for.
  void Retire() override {
    if (call_ == nullptr) Leave();
  }
  void Close() override { channel_->Close(); }

  void OnBytes(absl::string_view bytes) override;
  void OnDrained() override { sending_ = false; }
  void OnEnd(const Channel::End& end) override;

 private:
  void OnHead(int status, const ResponseHead::Headers& headers) override {
    call_->OnHead(status, headers);
  }
  absl::Status OnBody(absl::string_view data) override {
    return call_->OnBody(data);
  }

  void Finish(bool reusable);
  Call* Leave();

  EventLoop& loop_;
  ConnectionOwner& owner_;
  const std::shared_ptr<Channel> channel_;
  Http1Parser parser_{*this};
  std::string head_;
  Call* call_ = nullptr;
  bool sending_ = false;
  bool reused_ = false;
};

void Http1Connection::Start(Call& call) {
  call_ = &call;
  const HttpRequest& request = call.request();
  parser_.Begin(request.method == "HEAD");
  head_.clear();
  AppendHead(*call.target(), request, head_);
  call.OnSent(loop_.Now(), std::exchange(reused_, true));
  sending_ = !channel_->Write(head_, request.body);
}

void Http1Connection::Drop(Call&) { Leave(); }

void Http1Connection::OnBytes(absl::string_view bytes) {
  if (call_ == nullptr) {  // Nobody has asked for anything.
    Leave();
    return;
  }
  call_->OnByte();
  size_t rest = 0;
  switch (parser_.Put(bytes, rest)) {
    case Http1Parser::State::kMore:
      return;
    case Http1Parser::State::kDone:
      return Finish(parser_.keep_alive() && rest == 0 && !sending_);
    case Http1Parser::State::kMalformed:
      return Leave()->EndMalformed(parser_.error().message());
    case Http1Parser::State::kStopped:
      return Leave()->End(parser_.error());
  }
}

void Http1Connection::Finish(bool reusable) {
  if (!reusable) return Leave()->End(absl::OkStatus());
  Call& call = *std::exchange(call_, nullptr);
  call.connection = nullptr;
  owner_.OnRoom(*this);
  call.End(absl::OkStatus());
}

void Http1Connection::OnEnd(const Channel::End& end) {
  if (call_ == nullptr) {
    Leave();
    return;
  }
  if (end.clean && parser_.PutEnd() == Http1Parser::State::kDone) {
    return Finish(false);
  }
  Leave()->EndLost(end.message);
}

// Gives the connection up, which may be destroyed when the caller returns.
// Returns the call that it carried, if any.
Call* Http1Connection::Leave() {
  Call* const call = std::exchange(call_, nullptr);
  if (call != nullptr) call->connection = nullptr;
  channel_->Close();
  owner_.OnGone(*this);
  return call;
}

}  // namespace

std::shared_ptr<Connection> NewHttp1Connection(
    EventLoop& loop, ConnectionOwner& owner, std::string origin,
    std::shared_ptr<Channel> channel) {
  return std::make_shared<Http1Connection>(loop, owner, std::move(origin),
                                           std::move(channel));
}

}  // namespace holysheep::native
