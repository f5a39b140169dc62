#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep::sim {

struct HttpRequest {
  std::string method;
  // The request target without its query.
  std::string path;
  // Names in lower case, values trimmed, in the order of arrival.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool http_1_0 = false;
  bool keep_alive = true;

  // The first header of that (lower-case) name; null if there is none.
  const std::string* Header(absl::string_view name) const;
};

// Reads HTTP/1.x requests off a byte stream, however it is split. Buffers at
// most one request, within its limits.
class HttpParser {
 public:
  static constexpr std::size_t kMaxHead = 64 << 10;
  static constexpr std::size_t kMaxBody = 64 << 20;

  enum class State {
    kMore,   // All of the data is consumed, and the request goes on.
    kDone,   // request() is whole; what follows it is not consumed.
    kError,  // error_status() says why; the connection is of no more use.
  };

  // Takes bytes off the front of `data`.
  State Feed(absl::string_view& data);

  // Makes ready for the next request, keeping buffers of ordinary size.
  void Reset();

  // Whether the client waits for `100 Continue` before it sends the body. True
  // once a request.
  bool TakeExpectation();

  HttpRequest& request() { return request_; }
  // The HTTP status to refuse with: 400, 413, 431, 501 or 505.
  int error_status() const { return error_status_; }

 private:
  enum class Stage {
    kHead,
    kSized,
    kChunkLine,
    kChunk,
    kChunkEnd,
    kTrailer,
    kDone,
    kError
  };

  void Step(absl::string_view& data);
  void ReadHead(absl::string_view& data);
  void ReadBody(absl::string_view& data);
  void ReadChunkLine(absl::string_view& data);
  void ReadTrailer(absl::string_view& data);
  bool ReadLine(absl::string_view& data);
  void ParseHead(absl::string_view head);
  void ParseRequestLine(absl::string_view line);
  void ParseHeader(absl::string_view line);
  void ParseFraming(const std::string& name, const std::string& value);
  void StartBody();
  void Expect(std::size_t size, Stage stage);
  void Fail(int status);

  Stage stage_ = Stage::kHead;
  HttpRequest request_;
  // The head or the line so far.
  std::string line_;
  // Of the sized body or the chunk.
  std::size_t left_ = 0;
  bool sized_ = false;
  bool chunked_ = false;
  bool expectation_ = false;
  int error_status_ = 0;
};

}  // namespace holysheep::sim
