#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::sim {

// Bytes that are sent in one write.
struct Write {
  // The time since the write before.
  absl::Duration delay;
  std::string bytes;
  // The number of tokens in it.
  int tokens = 0;
};

// How a response ends.
enum class Ending {
  kKeepAlive,  // The connection is ready for the next request.
  kClose,
  kReset,  // The connection is reset.
  kHang,   // Nothing more is sent.
};

// The bytes of one response, and when they are sent. A value.
struct Plan {
  // The time from the request to the head.
  absl::Duration delay;
  // The status line and headers; sent together with the first write if that has
  // no delay.
  std::string head;
  std::vector<Write> body;
  Ending ending = Ending::kKeepAlive;
};

// How the end of a body is marked.
enum class Framing { kLength, kChunked, kClose };

// The head of a response.
struct Head {
  int status = 200;
  absl::string_view content_type = "application/json";
  std::string request_id;
  std::vector<std::pair<std::string, std::string>> extra;
};

// A response with its whole body and a content-length.
Plan WholePlan(const Head& head, std::string body);

// A response whose body consists of `writes`. `whole` says whether its end is
// marked.
Plan StreamedPlan(const Head& head, std::vector<Write> writes, Framing framing,
                  bool whole);

// Splits the body into writes of one byte, up to 64 KiB.
void SplitIntoBytes(Plan& plan);

// Legal variations of server-sent events.
struct SseStyle {
  bool crlf = false;
  // A comment before every event.
  bool comments = false;
  // JSON data over two lines.
  bool split_data = false;
};

std::string EncodeEvent(absl::string_view data, const SseStyle& style);
std::string EncodeComment(absl::string_view text, const SseStyle& style);

}  // namespace holysheep::sim
