#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ssl/context.hpp"

namespace holysheep {

// An HTTP/2 server that does exactly what a test wants it to, on a
// free port of the loopback. Blocking, one thread a connection.
class Http2Server {
 public:
  struct Request {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    int connection;  // Counts from 1.
    int stream;

    std::string Header(absl::string_view name) const;
  };

  struct Reply {
    enum What {
      kAnswer,          // Status 200, `headers` and `body`.
      kNothing,         // Leaves the stream open.
      kRefuse,          // RST_STREAM with REFUSED_STREAM.
      kReset,           // RST_STREAM with INTERNAL_ERROR.
      kHeadReset,       // The same after the head.
      kHeadOnly,        // Leaves the stream open after the head.
      kLeave,           // GOAWAY that excludes the stream.
      kAnswerAndLeave,  // GOAWAY that does not, then as kAnswer.
      kClose,           // Closes the connection.
      kRaw,             // Sends `body` as it is: frames that a test has made.
    } what = kAnswer;
    std::string body = "";
    std::vector<std::pair<std::string, std::string>> headers = {};
  };

  // Called on the connections' threads, one at a time, with each request that
  // is complete.
  using Script = std::function<Reply(const Request&)>;

  // Allows `max_streams` streams at a time. `tls`, if any, chooses the
  // protocol.
  explicit Http2Server(Script script, int max_streams = 100,
                       boost::asio::ssl::context* tls = nullptr);
  ~Http2Server();

  std::string Url(absl::string_view path) const;

  // All below is thread-safe. Connections opened so far.
  int connections();
  // Blocks until a client has reset a stream, or `count` of them.
  void WaitForResets(int count = 1);
  // Blocks until a client has closed a connection.
  void WaitForClientToLeave();

 private:
  using Socket = boost::asio::ip::tcp::socket;
  class Connection;
  struct Bytes;

  void Accept();
  void Serve(Socket& socket, int number);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const int port_;
  const Script script_;
  const int max_streams_;
  boost::asio::ssl::context* const tls_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int resets_ = 0;
  int left_ = 0;
  std::list<Socket> sockets_;
  std::list<std::thread> threads_;
  std::thread acceptor_thread_;  // Last: uses all of the above.
};

// A frame of HTTP/2.
inline std::string Frame(int type, int flags, int stream,
                         absl::string_view payload) {
  const size_t size = payload.size();
  std::string frame;
  for (const size_t byte :
       {size >> 16, size >> 8, size, static_cast<size_t>(type),
        static_cast<size_t>(flags), static_cast<size_t>(stream) >> 24,
        static_cast<size_t>(stream) >> 16, static_cast<size_t>(stream) >> 8,
        static_cast<size_t>(stream)}) {
    frame.push_back(static_cast<char>(byte & 0xff));
  }
  absl::StrAppend(&frame, payload);
  return frame;
}

}  // namespace holysheep
