#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep::sim {

// HTTP/1.1 by Boost.Beast. Only http.cc includes Beast, which is expensive to
// compile.

// One request.
struct HttpRequest {
  std::string method;
  // The request target without its query.
  std::string path;
  // Names in lower case, values trimmed, in the order of arrival.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool http_1_0 = false;
  bool keep_alive = true;

  // Returns the first header with that (lower-case) name, or null.
  const std::string* Header(absl::string_view name) const;
};

// Reads HTTP/1.x requests from a byte stream, however it is split. Buffers at
// most one request, within its limits.
class HttpReader {
 public:
  static constexpr std::size_t kMaxHead = 64 << 10;
  static constexpr std::size_t kMaxBody = 64 << 20;

  enum class State {
    kMore,   // All of the data is consumed, and the request goes on.
    kDone,   // request() is whole; what follows it is not consumed.
    kError,  // error_status() says why. Reads nothing more until Reset().
  };

  HttpReader();
  ~HttpReader();

  // Consumes bytes from the front of `data`.
  State Feed(absl::string_view& data);

  // Prepares for the next request; keeps buffers of ordinary size.
  void Reset();

  // Whether the client waits for `100 Continue` before it sends the body. True
  // at most once per request.
  bool TakeExpectation();

  HttpRequest& request() { return request_; }
  // The HTTP status of the refusal: 400, 413, 431, 501 or 505.
  int error_status() const { return error_status_; }

 private:
  class Parser;

  State Fail(int status);

  HttpRequest request_;
  std::unique_ptr<Parser> parser_;
  // Bytes that the parser cannot use before more have come: a part of the head,
  // of a chunk's line or of the trailer.
  std::string pending_;
  int error_status_ = 0;
};

// The text of the status line: `Not Found` for 404.
absl::string_view ReasonPhrase(int status);

}  // namespace holysheep::sim
