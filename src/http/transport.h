#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// A request; the defaults are those of a chat call. A value; moved into the
// transport, which keeps it until the end of the transfer.
struct HttpRequest {
  std::string method = "POST";
  // Absolute, `http:` or `https:`.
  std::string url;
  // Names and values, such as {"content-type", "application/json"}.
  std::vector<std::pair<std::string, std::string>> headers;
  // Empty for a GET.
  std::string body;
  // Covers name resolution, TCP and TLS.
  absl::Duration connect_timeout = absl::Seconds(10);
  // Whether the request needs a new connection, which nothing else has used.
  bool fresh_connection = false;
};

// Receives the events of one transfer, on the loop.
class HttpObserver {
 public:
  // A transfer that was waiting has a connection now, or one is being made for
  // it. Before OnHeaders.
  virtual void OnTurn() {}

  // The final response's status and headers have arrived. Called once, before
  // any OnBody. Header names are in lower case, values trimmed.
  virtual void OnHeaders(
      int status,
      const std::vector<std::pair<std::string, std::string>>& headers) = 0;

  // A part of the body has arrived. An error stops the transfer and becomes its
  // outcome.
  virtual absl::Status OnBody(absl::string_view data) = 0;

  // The transfer has ended. Called exactly once, and last. `status` is OK if
  // the whole response has arrived, whatever its HTTP status; otherwise
  // UPSTREAM_CONNECT (no connection, or lost before the headers),
  // CONNECT_TIMEOUT, STREAM_TRUNCATED (lost after them), UPSTREAM_MALFORMED
  // (not HTTP), INTERNAL (cannot be sent) or what OnBody returned.
  // UPSTREAM_CONNECT is `unanswered` (see ErrorDetails) if a reused connection
  // died without a byte of an answer, or the peer says that it has not
  // processed the request; not if a fresh connection was demanded. The observer
  // may destroy the transfer inside OnDone, but not inside the others.
  virtual void OnDone(absl::Status status) = 0;

 protected:
  ~HttpObserver() = default;
};

// A request in progress. Destroying it cancels it at once, without a call of
// the observer.
class HttpTransfer {
 public:
  virtual ~HttpTransfer() = default;

  // Whether the request still waits for a connection; if so, OnTurn reports the
  // end of that.
  virtual bool is_waiting() const { return false; }
};

// Sends HTTP requests from the loop, each at most once. Does not follow
// redirects. A request that was destroyed or failed without a byte of an answer
// casts doubt on the connections that have been silent for as long: no later
// request uses them.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Sends `request`. Never calls `observer` before it returns; `observer` must
  // outlive the transfer.
  virtual std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                             HttpObserver& observer) = 0;
};

}  // namespace holysheep
