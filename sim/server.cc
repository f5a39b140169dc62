#include "sim/server.h"

#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "boost/asio/basic_socket_acceptor.hpp"
#include "boost/asio/ip/address.hpp"
#include "boost/asio/steady_timer.hpp"
#include "sim/connection.h"

namespace holysheep::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Error = boost::system::error_code;

class TcpServer final : public Server {
 public:
  TcpServer(asio::io_context& io, Simulator& simulator, int max_connections)
      : acceptor_(io.get_executor()),
        pause_(io),
        simulator_(simulator),
        max_connections_(max_connections) {}

  absl::Status Listen(const tcp::endpoint& endpoint);
  std::string address() const override { return address_; }

 private:
  void Accept();
  void OnAccept(Error error, Socket socket);

  Acceptor acceptor_;
  asio::steady_timer pause_;
  Simulator& simulator_;
  const int max_connections_;
  std::string address_;
};

absl::Status TcpServer::Listen(const tcp::endpoint& endpoint) {
  Error error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  if (error) return InvalidField("listen", error.message());
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  const std::string host = bound.address().to_string();
  address_ = bound.address().is_v6()
                 ? absl::StrCat("[", host, "]:", bound.port())
                 : absl::StrCat(host, ":", bound.port());
  Accept();
  return absl::OkStatus();
}

void TcpServer::Accept() {
  acceptor_.async_accept([this](const Error& error, Socket socket) {
    if (error == asio::error::operation_aborted) return;
    OnAccept(error, std::move(socket));
  });
}

void TcpServer::OnAccept(Error error, Socket socket) {
  if (error) {
    // Out of descriptors, most likely: it passes when connections end.
    pause_.expires_after(std::chrono::milliseconds(10));
    pause_.async_wait([this](const Error& cancelled) {
      if (!cancelled) Accept();
    });
    return;
  }
  if (simulator_.recorder().connections() >= max_connections_) {
    simulator_.recorder().OnRefused();
    socket.close(error);
  } else {
    socket.set_option(tcp::no_delay(true), error);
    ServeConnection(std::move(socket), simulator_);
  }
  Accept();
}

absl::StatusOr<tcp::endpoint> ParseEndpoint(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return InvalidField("listen", "must be ADDRESS:PORT");
  }
  absl::string_view host = text.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  Error error;
  const auto address =
      asio::ip::make_address(std::string_view{host.data(), host.size()}, error);
  if (error) return InvalidField("listen", "must have an IP address");
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> StartServer(
    asio::io_context& io, Simulator& simulator, const ServerOptions& options) {
  absl::StatusOr<tcp::endpoint> endpoint = ParseEndpoint(options.listen);
  if (!endpoint.ok()) return endpoint.status();
  auto server =
      std::make_unique<TcpServer>(io, simulator, options.max_connections);
  if (absl::Status status = server->Listen(*endpoint); !status.ok()) {
    return status;
  }
  return server;
}

}  // namespace holysheep::sim
