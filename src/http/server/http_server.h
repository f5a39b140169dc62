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

// An answer to a request. HEAD receives its headers only.
struct HttpReply {
  // An HTTP status, such as 404 or 503.
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Receives the answer to one request: called once, at once or later, on the
// loop. The client may be gone by then.
using HttpRespond = absl::AnyInvocable<void(HttpReply)>;

// Answers a GET of `path`, which excludes the query. Called on the loop.
// `path` is valid during the call only, begins with `/` and is not decoded.
using HttpHandler =
    std::function<void(absl::string_view path, HttpRespond respond)>;

// Bounds that keep a slow or hostile client from harm.
struct HttpServerOptions {
  // An address or a name; port 0 is any free one.
  std::string host = "127.0.0.1";
  int port = 0;
  // If all are in use, a further connection replaces the one that has waited
  // longest: for its request, for its answer, or for its client to take that.
  // So no client keeps others out by reading nothing.
  size_t max_connections = 64;
  // The bound of a request's head, its first line included; a longer one is
  // answered with 431.
  size_t max_header_bytes = 8192;
  // The time for a request to arrive, and for its answer to be given and
  // accepted.
  absl::Duration request_timeout = absl::Seconds(10);
};

// A small HTTP/1.1 server for monitoring. Answers GET and HEAD only, and
// accepts no bodies. Other methods receive 405, and requests with a body 413.
// Idle connections are kept alive within the bound.
class HttpServer {
 public:
  // Stops listening and closes all connections. Destroy it on the loop,
  // or while no thread is inside Run.
  virtual ~HttpServer() = default;

  // The port that is listened on.
  virtual int port() const = 0;
};

// Returns UNAVAILABLE, with the address, if that cannot be listened on. `loop`
// must outlive the server. Blocks while it resolves a name.
absl::StatusOr<std::unique_ptr<HttpServer>> StartHttpServer(
    AsioLoop& loop, const HttpServerOptions& options, HttpHandler handler);

}  // namespace holysheep
