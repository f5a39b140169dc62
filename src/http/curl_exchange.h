#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "base/errors.h"
#include "base/event_loop.h"
#include "http/curl_connections.h"
#include "http/curl_headers.h"
#include "http/curl_transport.h"
#include "http/response_head.h"

namespace holysheep {

// One request and its response on a curl easy handle, which is reused for later
// requests. On the loop only. Owned by a transfer of CurlTransport, or idle in
// it.
class CurlExchange {
 public:
  // May destroy or reuse the exchange.
  using OnEnd = absl::AnyInvocable<void(CurlExchange&, absl::Status)>;

  // `on_end` is called on the loop when an exchange ends without curl: its
  // connection was not established in time, or EndSoon was called.
  CurlExchange(EventLoop& loop, CurlConnections& connections,
               const CurlOptions& options, OnEnd on_end);

  // Prepares the handle for `request`. An error means that it cannot be sent.
  absl::Status Prepare(HttpRequest request, HttpObserver& observer);

  // From now on the observer is not called and curl's callbacks fail, so that
  // curl gives up.
  void Silence();

  // Drops the request and its response; the handle is free for the next one.
  void Clear();

  // From now on the connection is closed, not kept, when the transfer ends.
  // curl would keep an HTTP/2 connection and tell the peer about the cancelled
  // stream only with the next request.
  void CloseConnection();

  // When the request was sent, if no byte of an answer has arrived since.
  std::optional<absl::Time> unanswered_since() const {
    return answered_ ? std::nullopt : sent_;
  }

  // Whether the request has no connection yet, and none is being made for it.
  bool is_waiting() const { return waiting_; }

  // Starts the time limit for the connection, unless it is running.
  void StartClock();

  // Translates the end of the transfer for the observer.
  absl::Status Outcome(CURLcode result) const;

  // Ends the exchange with `status` on the next turn of the loop.
  void EndSoon(const absl::Status& status);

  // The exchange that a handle belongs to.
  static CurlExchange& Of(CURL* easy);

  CURL* easy() const { return easy_.get(); }
  HttpObserver& observer() const { return *observer_; }

 private:
  struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  template <typename Value>
  void Set(CURLoption option, Value value);
  void SetFixedOptions(const CurlOptions& options);
  void SetCallbacks();
  absl::Status SetHeaders(const ResponseHead::Headers& headers);
  void SetMethod();

  absl::Status TakeHeaderLine(absl::string_view line);
  absl::Status TakeBody(absl::string_view data);
  Reason ReasonFor(CURLcode result) const;
  bool UnansweredBytes(CURLcode result) const;
  absl::Status Error(Reason reason, absl::string_view message,
                     const ErrorDetails& details = {}) const;
  void TakeTurn();  // Ends the wait for a connection, once.
  // Whether curl may send now. Not once the exchange is silenced, nor when a
  // connection dies and curl asks again: a request is sent at most once.
  bool MaySend();
  size_t Take(absl::Status status, size_t size);

  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnResolve(void* resolver, void* reserved, void* self);
  static int OnConnected(void* self, char*, char*, int, int);
  static curl_socket_t OnOpen(void* self, curlsocktype, curl_sockaddr* address);

  EventLoop& loop_;
  CurlConnections& connections_;
  OnEnd on_end_;
  const HttpVersion version_;
  const std::unique_ptr<CURL, EasyDeleter> easy_;
  bool options_taken_ = true;  // Else this libcurl lacks something.
  char error_[CURL_ERROR_SIZE] = {};

  HttpObserver* observer_ = nullptr;  // Null once silenced.
  HttpRequest request_;               // curl reads the body from here.
  CurlList header_lines_;
  std::unique_ptr<Timer> timer_;    // For the connection, or EndSoon.
  bool waiting_ = true;             // For a connection.
  bool opened_ = false;             // A connection of its own.
  std::optional<absl::Time> sent_;  // When it was let go.
  bool repeated_ = false;           // Whether curl wanted to send it again.
  bool answered_ = false;           // By a byte at least.
  ResponseHead head_;
  absl::Status stopped_;  // Why a callback has ended the transfer.
};

}  // namespace holysheep
