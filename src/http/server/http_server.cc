#include "http/server/http_server.h"

#include <chrono>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/any_io_executor.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/empty_body.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"
#include "http/loop_executor.h"

namespace holysheep {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

class Session;

// The state shared by the server and its sessions, which may outlive it by a
// moment.
struct Shared {
  HttpServerOptions options;
  HttpHandler handler;
  // Those that are open.
  absl::flat_hash_set<Session*> sessions;
  bool open = true;
};

// One connection. Kept alive by its pending operation, or by the callback that
// owes it an answer.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Shared> shared, Tcp::socket socket)
      : shared_(std::move(shared)), stream_(std::move(socket)) {
    shared_->sessions.insert(this);
  }
  ~Session() { shared_->sessions.erase(this); }

  void Read() {
    parser_.emplace();
    parser_->header_limit(
        static_cast<std::uint32_t>(shared_->options.max_header_bytes));
    parser_->body_limit(0);
    busy_since_ = std::chrono::steady_clock::now();
    stream_.expires_after(
        absl::ToChronoNanoseconds(shared_->options.request_timeout));
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](Error error, size_t) {
                       self->OnRead(error);
                     });
  }

  void Close() {
    Error ignored;
    stream_.socket().close(ignored);
    busy_since_.reset();
    shared_->sessions.erase(this);
  }

  // Since when it waits for a request, for the handler's answer, or for the
  // client to take it. Not set once it is closed.
  std::optional<std::chrono::steady_clock::time_point> busy_since() const {
    return busy_since_;
  }

 private:
  void OnRead(Error error) {
    if (!busy_since_.has_value()) return;
    busy_since_ = std::chrono::steady_clock::now();
    if (error == http::error::header_limit) return Refuse(431);
    const http::verb method = parser_->get().method();
    head_ = method == http::verb::head;
    if (error == http::error::body_limit) {
      return Refuse(head_ || method == http::verb::get ? 413 : 405);
    }
    if (error == http::error::end_of_stream) return Close();
    // The parser's other errors mean that the bytes are not HTTP.
    const Error parsing = http::error::bad_method;
    if (error && error.category() == parsing.category()) return Refuse(400);
    if (error) return Close();
    keep_alive_ = parser_->get().keep_alive();
    if (method != http::verb::get && !head_) return Refuse(405);
    const beast::string_view target = parser_->get().target();
    const std::string path(target.substr(0, target.find('?')));
    shared_->handler(path, [self = shared_from_this()](HttpReply reply) {
      self->Write(std::move(reply));
    });
  }

  void Refuse(int status) {
    keep_alive_ = false;
    HttpReply reply;
    reply.status = status;
    reply.body = absl::StrCat(
        std::string(http::obsolete_reason(static_cast<http::status>(status))),
        "\n");
    Write(std::move(reply));
  }

  void Write(HttpReply reply) {
    if (!busy_since_.has_value()) return;
    response_.emplace(static_cast<http::status>(reply.status), 11);
    response_->set(http::field::content_type, reply.content_type);
    response_->set(http::field::cache_control, "no-store");
    if (reply.status == 405) response_->set(http::field::allow, "GET, HEAD");
    response_->keep_alive(keep_alive_);
    response_->content_length(reply.body.size());
    if (!head_) response_->body() = std::move(reply.body);
    stream_.expires_after(
        absl::ToChronoNanoseconds(shared_->options.request_timeout));
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](Error error, size_t) {
                        self->OnWritten(error);
                      });
  }

  void OnWritten(Error error) {
    response_.reset();
    if (error || !keep_alive_) return Close();
    Read();
  }

  const std::shared_ptr<Shared> shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<std::chrono::steady_clock::time_point> busy_since_;
  bool keep_alive_ = false;
  bool head_ = false;
};

// Closes the connection that has waited longest, whatever it waits for.
bool MakeRoom(const Shared& shared) {
  Session* slowest = nullptr;
  for (Session* session : shared.sessions) {
    if (slowest == nullptr || session->busy_since() < slowest->busy_since()) {
      slowest = session;
    }
  }
  if (slowest != nullptr) slowest->Close();
  return slowest != nullptr;
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(AsioLoop& loop, std::shared_ptr<Shared> shared,
              Tcp::acceptor acceptor)
      : shared_(std::move(shared)),
        acceptor_(std::move(acceptor)),
        pause_(loop.executor()),
        port_(acceptor_.local_endpoint().port()) {}

  ~BeastServer() override {
    shared_->open = false;
    shared_->handler = [](absl::string_view, HttpRespond) {};
    const auto open = shared_->sessions;
    for (Session* session : open) session->Close();
  }

  int port() const override { return port_; }

  void Accept() {
    acceptor_.async_accept(
        [this, shared = shared_](Error error, Tcp::socket socket) {
          if (!shared->open) return;
          if (error) return AcceptLater();
          if (shared->sessions.size() < shared->options.max_connections ||
              MakeRoom(*shared)) {
            std::make_shared<Session>(shared, std::move(socket))->Read();
          }
          Accept();
        });
  }

 private:
  // Most likely out of descriptors.
  void AcceptLater() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this, shared = shared_](Error error) {
      if (!error && shared->open) Accept();
    });
  }

  const std::shared_ptr<Shared> shared_;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const int port_;
};

// Listens on the first address for which that works.
Error Listen(const asio::any_io_executor& executor,
             const HttpServerOptions& options, Tcp::acceptor& acceptor) {
  Error error;
  Tcp::resolver resolver(executor);
  const auto found = resolver.resolve(
      options.host, absl::StrCat(options.port),
      Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  for (const auto& entry : found) {
    const Tcp::endpoint endpoint = entry.endpoint();
    acceptor = Tcp::acceptor(executor);
    acceptor.open(endpoint.protocol(), error);
    if (error) continue;
    acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    acceptor.bind(endpoint, error);
    if (error) continue;
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) break;
  }
  return error;
}

absl::string_view WhatToDo(Error error) {
  return error == asio::error::address_in_use
             ? "; end the other program, or choose another port with "
               "`http.listen`, or \"\" for none"
             : "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> StartHttpServer(
    AsioLoop& loop, const HttpServerOptions& options, HttpHandler handler) {
  Tcp::acceptor acceptor(loop.executor());
  const Error error = Listen(loop.executor(), options, acceptor);
  if (error || !acceptor.is_open()) {
    return absl::UnavailableError(
        absl::StrCat("http.listen: cannot listen on ", options.host, ":",
                     options.port, ": ", error.message(), WhatToDo(error)));
  }
  auto shared = std::make_shared<Shared>();
  shared->options = options;
  shared->handler = std::move(handler);
  auto server =
      std::make_unique<BeastServer>(loop, shared, std::move(acceptor));
  // Posted, because the loop may already be running.
  loop.Post([raw = server.get()] { raw->Accept(); });
  return server;
}

}  // namespace holysheep
