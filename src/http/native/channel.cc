#include "http/native/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "boost/asio/buffer.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "http/asio_loop.h"
#include "http/native/asio_socket.h"
#include "http/native/tls_stream.h"

namespace holysheep::native {
// Invariants: `user_` is null exactly before Use and once closed, and then no
// handler does anything. From Use until the end of the channel one read is
// pending, to which `arrived_` belongs. `head_` and `body_` are what Write has
// left over; `drain_wanted_` is set as long as they are not empty or, over TLS,
// not sent. Completion handlers own the channel.

namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

constexpr size_t kReadBytes = 16 * 1024;
// How much is encrypted ahead of the socket.
constexpr size_t kSealBytes = 64 * 1024;

class ChannelImpl final : public Channel,
                          public std::enable_shared_from_this<ChannelImpl> {
 public:
  ChannelImpl(AsioLoop& loop, std::shared_ptr<Socket> socket,
              std::unique_ptr<TlsStream> tls)
      : loop_(loop),
        socket_(std::move(socket)),
        tls_(std::move(tls)),
        shaking_hands_(tls_ != nullptr),
        heard_(loop.Now()) {
    if (tls_ != nullptr) {
      decrypted_ = std::make_unique<std::array<char, kReadBytes>>();
    }
  }

  void Use(std::shared_ptr<User> user) override;
  bool Write(absl::string_view head, absl::string_view body) override;
  void Close() override;
  bool PeerHasLeft() const override;
  absl::Time heard() const override { return heard_; }
  absl::string_view protocol() const override {
    return tls_ == nullptr ? absl::string_view() : tls_->protocol();
  }

 private:
  void Read();
  void OnRead(const Error& error, size_t size);
  void Decrypt(absl::string_view bytes);
  void ShakeHands();
  void OnEnd(bool clean, std::string message);

  bool Flush();
  bool Seal();
  ssize_t SendSome();
  void Advance(size_t sent);
  void WaitToWrite();
  void GiveUp(std::string why);

  AsioLoop& loop_;
  const std::shared_ptr<Socket> socket_;
  const std::unique_ptr<TlsStream> tls_;
  bool shaking_hands_;
  absl::Time heard_;
  std::shared_ptr<User> user_;
  std::array<char, kReadBytes> arrived_;
  std::unique_ptr<std::array<char, kReadBytes>> decrypted_;  // With TLS.

  absl::string_view head_;
  absl::string_view body_;
  bool drain_wanted_ = false;
  bool waiting_to_write_ = false;
  std::string broken_;  // Why nothing can be written, if so.
};

void ChannelImpl::Use(std::shared_ptr<User> user) {
  const bool first = user_ == nullptr;
  user_ = std::move(user);
  if (!first) return;
  if (tls_ != nullptr) {
    if (tls_->Handshake() == TlsStream::Result::kFailed) GiveUp("TLS failed");
    Flush();
  }
  Read();
}

void ChannelImpl::Close() {
  if (user_ == nullptr) return;
  user_ = nullptr;
  Error ignored;
  socket_->tcp.close(ignored);
}

bool ChannelImpl::PeerHasLeft() const {
  pollfd end{socket_->tcp.native_handle(), POLLRDHUP, 0};
  return ::poll(&end, 1, 0) > 0;
}

void ChannelImpl::Read() {
  socket_->tcp.async_read_some(
      boost::asio::buffer(arrived_),
      [self = shared_from_this()](const Error& error, size_t size) {
        self->OnRead(error, size);
      });
}

void ChannelImpl::OnRead(const Error& error, size_t size) {
  if (user_ == nullptr) return;
  // Whatever happens to the user, it lives until it has returned.
  const std::shared_ptr<User> user = user_;
  if (error) {
    const bool over = error == boost::asio::error::eof;
    return OnEnd(over && tls_ == nullptr && broken_.empty(),
                 over ? "the peer has closed the connection" : error.message());
  }
  heard_ = loop_.Now();
  const absl::string_view bytes(arrived_.data(), size);
  if (tls_ != nullptr) {
    Decrypt(bytes);
  } else {
    user->OnBytes(bytes);
  }
  if (const std::shared_ptr<User> last = user_) last->OnPause();
  if (user_ != nullptr) Read();
}

void ChannelImpl::Decrypt(absl::string_view bytes) {
  tls_->Feed(bytes);
  if (shaking_hands_) ShakeHands();
  while (user_ != nullptr && !shaking_hands_) {
    size_t size = 0;
    const TlsStream::Result result =
        tls_->ReadSome(absl::MakeSpan(*decrypted_), size);
    if (result == TlsStream::Result::kOk) {
      const std::shared_ptr<User> user = user_;
      user->OnBytes({decrypted_->data(), size});
      continue;
    }
    if (result == TlsStream::Result::kClosed) {
      return OnEnd(true, "the peer has closed the connection");
    }
    if (result == TlsStream::Result::kFailed) return OnEnd(false, "");
    break;
  }
  // An answer to the peer, such as a change of keys, may have to be sent.
  if (user_ != nullptr && !waiting_to_write_) Flush();
}

void ChannelImpl::ShakeHands() {
  const TlsStream::Result result = tls_->Handshake();
  if (!waiting_to_write_) Flush();
  if (result == TlsStream::Result::kFailed) return OnEnd(false, "");
  if (result != TlsStream::Result::kOk) return;
  shaking_hands_ = false;
  const std::shared_ptr<User> user = user_;
  user->OnReady();
}

void ChannelImpl::OnEnd(bool clean, std::string message) {
  const std::shared_ptr<User> user = std::move(user_);
  user_ = nullptr;
  Error ignored;
  socket_->tcp.close(ignored);
  End end{clean, std::move(message), ""};
  if (!broken_.empty()) end.message = broken_;
  if (tls_ != nullptr && !tls_->failure().message.empty()) {
    end.message = tls_->failure().message;
    end.advice = tls_->failure().advice;
  }
  user->OnEnd(end);
}

bool ChannelImpl::Write(absl::string_view head, absl::string_view body) {
  if (user_ == nullptr) return true;  // Closed: nobody waits for it.
  head_ = head;
  body_ = body;
  drain_wanted_ = waiting_to_write_ || !Flush();
  return !drain_wanted_;
}

// Returns whether everything has left.
bool ChannelImpl::Flush() {
  while (broken_.empty()) {
    if (tls_ != nullptr && !Seal()) {
      GiveUp("TLS failed");
      return false;
    }
    const ssize_t sent = SendSome();
    if (sent == 0) return true;
    if (sent > 0) {
      Advance(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      WaitToWrite();
      return false;
    } else if (errno != EINTR) {
      GiveUp(std::generic_category().message(errno));
    }
  }
  return false;
}

// Encrypts what comes next, unless something is left to be sent.
bool ChannelImpl::Seal() {
  if (shaking_hands_ || !tls_->outgoing().empty()) return true;
  size_t room = kSealBytes;
  for (absl::string_view* part : {&head_, &body_}) {
    const absl::string_view next = part->substr(0, room);
    if (next.empty()) continue;
    if (!tls_->Write(next)) return false;
    part->remove_prefix(next.size());
    room -= next.size();
  }
  return true;
}

// Returns 0 if there is nothing to send.
ssize_t ChannelImpl::SendSome() {
  const bool plain = tls_ == nullptr;
  const absl::string_view first = plain ? head_ : tls_->outgoing();
  const absl::string_view second = plain ? body_ : absl::string_view();
  std::array<iovec, 2> parts;
  size_t count = 0;
  for (const absl::string_view part : {first, second}) {
    if (part.empty()) continue;
    parts[count++] = {const_cast<char*>(part.data()), part.size()};
  }
  if (count == 0) return 0;
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return ::sendmsg(socket_->tcp.native_handle(), &message,
                   MSG_NOSIGNAL | MSG_DONTWAIT);
}

void ChannelImpl::Advance(size_t sent) {
  if (tls_ != nullptr) return tls_->Sent(sent);
  const size_t of_head = std::min(sent, head_.size());
  head_.remove_prefix(of_head);
  body_.remove_prefix(sent - of_head);
}

void ChannelImpl::WaitToWrite() {
  waiting_to_write_ = true;
  socket_->tcp.async_wait(
      tcp::socket::wait_write, [self = shared_from_this()](const Error&) {
        if (self->user_ == nullptr) return;
        self->waiting_to_write_ = false;
        if (!self->Flush() || !std::exchange(self->drain_wanted_, false)) {
          return;
        }
        const std::shared_ptr<User> user = self->user_;
        user->OnDrained();
      });
}

// The pending read ends the channel, after it has taken what had arrived.
void ChannelImpl::GiveUp(std::string why) {
  broken_ = std::move(why);
  head_ = body_ = {};
  ::shutdown(socket_->tcp.native_handle(), SHUT_RDWR);
}

}  // namespace

std::shared_ptr<Channel> NewChannel(AsioLoop& loop,
                                    std::shared_ptr<Socket> socket,
                                    std::unique_ptr<TlsStream> tls) {
  return std::make_shared<ChannelImpl>(loop, std::move(socket), std::move(tls));
}

}  // namespace holysheep::native
