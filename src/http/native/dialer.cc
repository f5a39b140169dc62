#include "http/native/dialer.h"

#include <utility>
#include <vector>

#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "http/asio_loop.h"
#include "http/loop_executor.h"
#include "http/native/asio_socket.h"
#include "http/socket_options.h"

namespace holysheep::native {
// Invariants: `on_dialed_` is set until the outcome is known or the Dial is
// destroyed; afterwards no socket is open and handlers do nothing. `attempts_`
// holds the sockets that are still connecting.

namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

constexpr absl::Duration kHeadStart = absl::Milliseconds(250);

class Race final : public std::enable_shared_from_this<Race> {
 public:
  Race(AsioLoop& loop, AddressesPtr addresses, uint16_t port,
       absl::Duration connect_timeout, OnDialed on_dialed)
      : loop_(loop),
        addresses_(std::move(addresses)),
        port_(port),
        connect_timeout_(connect_timeout),
        on_dialed_(std::move(on_dialed)) {}

  void TryNext();
  void Cancel();

 private:
  void OnConnected(const std::shared_ptr<Socket>& socket, const Error& error);
  void Finish(std::shared_ptr<Socket> socket, const std::string& error);

  AsioLoop& loop_;
  const AddressesPtr addresses_;
  const uint16_t port_;
  const absl::Duration connect_timeout_;
  OnDialed on_dialed_;
  size_t next_ = 0;
  std::vector<std::shared_ptr<Socket>> attempts_;
  std::unique_ptr<Timer> head_start_;
};

void Race::TryNext() {
  const tcp::endpoint peer(addresses_->list[next_++], port_);
  const auto socket =
      std::make_shared<Socket>(Socket{tcp::socket(loop_.executor())});
  attempts_.push_back(socket);
  auto handler = [self = shared_from_this(), socket](const Error& error) {
    self->OnConnected(socket, error);
  };
  Error error;
  socket->tcp.open(peer.protocol(), error);
  if (error) {
    boost::asio::post(loop_.executor(), [handler = std::move(handler),
                                         error]() mutable { handler(error); });
  } else {
    BoundSilence(socket->tcp.native_handle(), connect_timeout_);
    socket->tcp.set_option(tcp::no_delay(true), error);
    socket->tcp.async_connect(peer, std::move(handler));
  }
  head_start_.reset();
  if (next_ == addresses_->list.size()) return;
  head_start_ = loop_.RunAfter(kHeadStart, [this] { TryNext(); });
}

void Race::OnConnected(const std::shared_ptr<Socket>& socket,
                       const Error& error) {
  if (on_dialed_ == nullptr) return;
  std::erase(attempts_, socket);
  if (!error) return Finish(socket, "");
  if (next_ < addresses_->list.size()) return TryNext();
  if (attempts_.empty()) Finish(nullptr, error.message());
}

void Race::Finish(std::shared_ptr<Socket> socket, const std::string& error) {
  OnDialed on_dialed = std::move(on_dialed_);
  Cancel();
  on_dialed(std::move(socket), error);
}

void Race::Cancel() {
  on_dialed_ = nullptr;
  head_start_.reset();
  for (const std::shared_ptr<Socket>& socket : std::exchange(attempts_, {})) {
    Error ignored;
    socket->tcp.close(ignored);
  }
}

class DialImpl final : public Dial {
 public:
  explicit DialImpl(std::shared_ptr<Race> race) : race_(std::move(race)) {
    race_->TryNext();
  }
  ~DialImpl() override { race_->Cancel(); }

 private:
  const std::shared_ptr<Race> race_;
};

}  // namespace

std::unique_ptr<Dial> StartDial(AsioLoop& loop, AddressesPtr addresses,
                                uint16_t port, absl::Duration connect_timeout,
                                OnDialed on_dialed) {
  return std::make_unique<DialImpl>(std::make_shared<Race>(
      loop, std::move(addresses), port, connect_timeout, std::move(on_dialed)));
}

}  // namespace holysheep::native
