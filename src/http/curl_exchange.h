#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "base/errors.h"
#include "base/event_loop.h"
#include "http/curl_connections.h"
#include "http/curl_transport.h"
#include "http/response_head.h"

namespace holysheep {

// One request and its response, on a curl easy handle that is used again and
// again. Loop thread only.
class CurlExchange {
 public:
  using OnEnd = absl::AnyInvocable<void(CurlExchange&, absl::Status)>;

  // `on_end` is called, from the loop, when an exchange ends without curl: its
  // connection was not made in time, or as EndSoon says.
  CurlExchange(EventLoop& loop, CurlConnections& connections,
               const CurlOptions& options, OnEnd on_end);

  // Makes the handle ready for `request`; an error means it cannot be sent.
  absl::Status Prepare(HttpRequest request, HttpObserver& observer);

  // From now on the observer hears nothing and curl is told to give up.
  void Silence();

  // Forgets the request and its response; the handle is not in use any more.
  void Clear();

  // From now on its connection is closed, not kept, when curl gives it up.
  // curl keeps one of HTTP/2, and tells the peer of it only with the next
  // request.
  void CloseConnection();

  // When it was sent, if no byte of an answer has come since.
  std::optional<absl::Time> unanswered_since() const {
    return answered_ ? std::nullopt : sent_;
  }

  // The time-out for the connection runs from now on, if it does not yet.
  void StartClock();

  // What the end of the transfer means to the observer.
  absl::Status Outcome(CURLcode result) const;

  // Ends the exchange on the next turn of the loop.
  void EndSoon(const absl::Status& status);

  // The exchange that a handle belongs to.
  static CurlExchange& Of(CURL* easy);

  CURL* easy() const { return easy_.get(); }
  HttpObserver& observer() const { return *observer_; }

 private:
  struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
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
  // Whether curl may send now; it wants to again when a connection dies.
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
  std::unique_ptr<curl_slist, ListDeleter> header_lines_;
  std::unique_ptr<Timer> timer_;    // Of the connection, or of EndSoon.
  bool opened_ = false;             // A connection of its own.
  std::optional<absl::Time> sent_;  // When it was let go.
  bool repeated_ = false;           // Whether curl wanted to send it again.
  bool answered_ = false;           // By a byte at least.
  ResponseHead head_;
  absl::Status stopped_;  // Why a callback has ended the transfer.
};

}  // namespace holysheep
