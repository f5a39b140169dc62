#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  // Name and value, such as {"content-type", "application/json"}.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  absl::Duration connect_timeout = absl::Seconds(10);
  // Whether it goes over a connection of its own, which nothing else has used.
  bool fresh_connection = false;
};

// Hears what becomes of one transfer, on the loop thread.
class HttpObserver {
 public:
  // The final response's status line and headers are there: once, before any
  // OnBody. Header names are in lower case, values trimmed.
  virtual void OnHeaders(
      int status,
      const std::vector<std::pair<std::string, std::string>>& headers) = 0;

  // A part of the body. An error stops the transfer and becomes its outcome.
  virtual absl::Status OnBody(absl::string_view data) = 0;

  // The end: exactly once, and last. OK when the whole response has arrived,
  // whatever its HTTP status; otherwise UPSTREAM_CONNECT (no connection, or
  // lost before the headers), CONNECT_TIMEOUT, STREAM_TRUNCATED (lost after
  // them), UPSTREAM_MALFORMED (not HTTP), INTERNAL (cannot be sent) or what
  // OnBody returned. UPSTREAM_CONNECT is `unanswered` (see ErrorDetails) where
  // a connection that had been used before died without a byte of an answer, or
  // the peer says that it has not looked at the request; not if that was sent
  // over a fresh connection by wish. The observer may destroy the transfer from
  // inside OnDone, not from inside the others.
  virtual void OnDone(absl::Status status) = 0;

 protected:
  ~HttpObserver() = default;
};

// A request in progress. Destroying it cancels it, silently and at once.
class HttpTransfer {
 public:
  virtual ~HttpTransfer() = default;
};

// Sends HTTP requests from the loop thread, each at most once. Redirects are
// not followed. What was sent and then destroyed, or has failed, without a byte
// of an answer puts the connections in doubt that have been silent for as long:
// no later request goes over them.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Never calls `observer` before returning; it must outlive the transfer.
  virtual std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                             HttpObserver& observer) = 0;
};

}  // namespace holysheep
