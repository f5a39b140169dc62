#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "http/asio_loop.h"

namespace holysheep {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Gets the answer to one request: once, now or later, on the loop thread. Who
// asked may be gone by then.
using HttpRespond = absl::AnyInvocable<void(HttpReply)>;

// Answers a GET of `path`, which is without its query. Loop thread.
using HttpHandler =
    std::function<void(absl::string_view path, HttpRespond respond)>;

struct HttpServerOptions {
  // An address or a name; port 0 is any free one.
  std::string host = "127.0.0.1";
  int port = 0;
  // One more takes the place of that which has kept its request back for the
  // longest; where all have an answer to come, it is closed at once.
  size_t max_connections = 64;
  size_t max_header_bytes = 8192;
  // Until a request must be there, its answer given and taken.
  absl::Duration request_timeout = absl::Seconds(10);
};

// A small HTTP/1.1 server for machines that watch the service. Answers GET and
// HEAD only, and takes no bodies.
class HttpServer {
 public:
  // Stops listening and closes its connections. On the loop thread, or while
  // no thread is inside Run.
  virtual ~HttpServer() = default;

  // The port listened on.
  virtual int port() const = 0;
};

// UNAVAILABLE, with the address, if that cannot be listened on. `loop` must
// outlive the server.
absl::StatusOr<std::unique_ptr<HttpServer>> StartHttpServer(
    AsioLoop& loop, const HttpServerOptions& options, HttpHandler handler);

}  // namespace holysheep
