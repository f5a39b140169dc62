#include "http/test_server.h"

#include <sys/socket.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/read_until.hpp"
#include "boost/asio/ssl/stream.hpp"
#include "boost/asio/write.hpp"

namespace holysheep {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

size_t ContentLength(absl::string_view head) {
  const std::string lower = absl::AsciiStrToLower(head);
  const size_t at = lower.find("content-length: ");
  return at == std::string::npos ? 0
                                 : std::strtoul(&lower[at + 16], nullptr, 10);
}

// False once the client has gone.
template <typename Stream>
bool ReadRequest(Stream& stream, std::string& buffer,
                 TestServer::Request& request) {
  boost::system::error_code error;
  const size_t head =
      asio::read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", error);
  if (error) return false;
  request.head = buffer.substr(0, head);
  buffer.erase(0, head);
  const size_t length = ContentLength(request.head);
  if (buffer.size() < length) {
    asio::read(stream, asio::dynamic_buffer(buffer),
               asio::transfer_exactly(length - buffer.size()), error);
    if (error) return false;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return true;
}

void ResetOnClose(tcp::socket& socket) {
  socket.set_option(tcp::socket::linger(true, 0));
}

}  // namespace

TestServer::TestServer(Script script, asio::ssl::context* tls)
    : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()),
      script_(std::move(script)),
      tls_(tls),
      acceptor_thread_([this] { Accept(); }) {}

TestServer::~TestServer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    for (Socket& socket : sockets_) {
      if (socket.is_open()) ::shutdown(socket.native_handle(), SHUT_RDWR);
    }
    changed_.notify_all();
  }
  acceptor_thread_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string TestServer::Url(absl::string_view path) const {
  return absl::StrCat(tls_ == nullptr ? "http" : "https",
                      "://127.0.0.1:", port_, path);
}

void TestServer::Continue() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++continues_;
  changed_.notify_all();
}

int TestServer::connections() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(sockets_.size());
}

int TestServer::resumed() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return resumed_;
}

void TestServer::WaitForClientToLeave() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return left_ > 0; });
}

void TestServer::Accept() {
  while (true) {
    boost::system::error_code error;
    Socket accepted = acceptor_.accept(error);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error || stopping_) return;
    Socket& socket = sockets_.emplace_back(std::move(accepted));
    threads_.emplace_back([this, &socket, number = sockets_.size()] {
      Serve(socket, static_cast<int>(number));
    });
  }
}

void TestServer::Serve(Socket& socket, int number) {
  boost::system::error_code error;
  if (tls_ == nullptr) {
    Talk(socket, socket, number);
  } else {
    asio::ssl::stream<Socket&> stream(socket, *tls_);
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) {
      NoteResumption(SSL_session_reused(stream.native_handle()) == 1);
      Talk(stream, socket, number);
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  socket.close(error);
}

void TestServer::NoteResumption(bool resumed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (resumed) ++resumed_;
}

template <typename Stream>
void TestServer::Talk(Stream& stream, Socket& socket, int number) {
  std::string buffer;
  Request request;
  request.connection = number;
  while (ReadRequest(stream, buffer, request)) {
    std::unique_lock<std::mutex> lock(mutex_);
    const Reply reply = script_(request);
    lock.unlock();
    if (!Write(stream, reply) || reply.end == Reply::kClose) return;
    if (reply.end == Reply::kReset) return ResetOnClose(socket);
    if (reply.end == Reply::kWaitForClient) {
      boost::system::error_code error;
      asio::read(stream, asio::dynamic_buffer(buffer), error);
      lock.lock();
      ++left_;
      changed_.notify_all();
      return;
    }
  }
}

template <typename Stream>
bool TestServer::Write(Stream& stream, const Reply& reply) {
  bool first = true;
  for (const std::string& part : reply.parts) {
    if (!first && !MayContinue()) return false;
    first = false;
    boost::system::error_code error;
    asio::write(stream, asio::buffer(part), error);
    if (error) return false;
  }
  return true;
}

bool TestServer::MayContinue() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return continues_ > 0 || stopping_; });
  --continues_;
  return !stopping_;
}

std::string Response(absl::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

}  // namespace holysheep
