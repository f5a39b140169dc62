#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ssl/context.hpp"

namespace holysheep {

// An HTTP/1.1 server that says exactly what a test wants it to say, on a free
// port of the loopback. Blocking, one thread a connection.
class TestServer {
 public:
  struct Request {
    std::string head;  // The request line and the headers, as they came.
    std::string body;
    int connection;  // Counts from 1.
  };

  struct Reply {
    // Written as they are. Before each but the first the connection waits for
    // a Continue.
    std::vector<std::string> parts;
    enum End {
      kKeepOpen,       // Takes the next request.
      kClose,          // Says goodbye.
      kReset,          // Does not.
      kWaitForClient,  // Leaves that to the client.
    } end = kKeepOpen;
  };

  // `script` is called on the connections' threads, one at a time.
  using Script = std::function<Reply(const Request&)>;

  explicit TestServer(Script script, boost::asio::ssl::context* tls = nullptr);
  ~TestServer();

  std::string Url(absl::string_view path) const;
  int port() const { return port_; }

  // Lets one part more be written. Thread-safe, as is all below.
  void Continue();
  // Connections opened so far.
  int connections();
  // How many of them have resumed a session of TLS.
  int resumed();
  // Blocks until a client has closed a connection that waited for that.
  void WaitForClientToLeave();

 private:
  using Socket = boost::asio::ip::tcp::socket;

  void Accept();
  void Serve(Socket& socket, int number);
  void NoteResumption(bool resumed);
  template <typename Stream>
  void Talk(Stream& stream, Socket& socket, int number);
  template <typename Stream>
  bool Write(Stream& stream, const Reply& reply);
  bool MayContinue();

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  const int port_;
  const Script script_;
  boost::asio::ssl::context* const tls_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int continues_ = 0;
  int left_ = 0;
  int resumed_ = 0;
  std::list<Socket> sockets_;
  std::list<std::thread> threads_;
  std::thread acceptor_thread_;  // Last: uses all of the above.
};

// A reply with a content-length.
std::string Response(absl::string_view body);

}  // namespace holysheep
