#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::sim {

// Bytes that go out in one write.
struct Write {
  // Since the write before.
  absl::Duration delay;
  std::string bytes;
  // How many tokens of the answer are in it.
  int tokens = 0;
};

enum class Ending {
  kKeepAlive,  // The connection is ready for the next request.
  kClose,
  kReset,  // With a TCP reset.
  kHang,   // Until the client goes away.
};

// What is sent in answer to one request, and when. A value.
struct Plan {
  // From the request to the head.
  absl::Duration delay;
  // Status line and headers; sent together with the first write if that has no
  // delay.
  std::string head;
  std::vector<Write> body;
  Ending ending = Ending::kKeepAlive;
};

// How the end of a body is told.
enum class Framing { kLength, kChunked, kClose };

struct Head {
  int status = 200;
  absl::string_view content_type = "application/json";
  std::string request_id;
  std::vector<std::pair<std::string, std::string>> extra;
};

// A response whose body is there at once, with its content-length.
Plan WholePlan(const Head& head, std::string body);

// A response whose body comes in `writes`, framed accordingly. `whole` says
// whether its end is marked.
Plan StreamedPlan(const Head& head, std::vector<Write> writes, Framing framing,
                  bool whole);

// The same bytes, one a write, as far as the first 64 KiB.
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
