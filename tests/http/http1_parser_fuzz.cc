// Any bytes as the peer's answer over HTTP/1.1, cut anywhere: nothing crashes,
// a head comes once and before the body, and what is kept is bounded. The first
// byte says how far apart the cuts are, the second whether the answer is to
// HEAD.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "http/native/http1_parser.h"

namespace holysheep::native {
namespace {

using State = Http1Parser::State;

void Require(bool condition) {
  if (!condition) std::abort();
}

class Sink final : public Http1Parser::Sink {
 public:
  void OnHead(int status, const ResponseHead::Headers& headers) override {
    Require(head.empty() && body.empty());
    size_t bytes = 0;
    absl::StrAppend(&head, status);
    for (const auto& [name, value] : headers) {
      bytes += name.size() + value.size();
      absl::StrAppend(&head, "\n", name, ": ", value);
    }
    Require(bytes <= ResponseHead::kMaxBytes);
  }
  absl::Status OnBody(absl::string_view data) override {
    Require(!head.empty());
    absl::StrAppend(&body, data);
    return absl::OkStatus();
  }

  std::string head;
  std::string body;
};

// Reads an answer to its end.
void Read(absl::string_view answer, size_t piece_size, bool of_head) {
  Sink sink;
  Http1Parser parser(sink);
  parser.Begin(of_head);
  State state = State::kMore;
  const size_t size = answer.size();
  size_t rest = 0;
  while (state == State::kMore && !answer.empty()) {
    // A copy, so that a sanitizer sees a view that outlives its piece.
    const std::string piece(answer.substr(0, piece_size));
    answer.remove_prefix(piece.size());
    state = parser.Put(piece, rest);
    Require(rest <= piece.size());
    Require(state == State::kDone || rest == 0);
  }
  if (state == State::kMore) state = parser.PutEnd();
  Require(sink.body.size() <= size);
  Require(state != State::kStopped);
  Require((state == State::kMalformed) == !parser.error().ok());
}

}  // namespace
}  // namespace holysheep::native

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holysheep::native;
  if (size < 2) return 0;
  const absl::string_view answer(reinterpret_cast<const char*>(data) + 2,
                                 size - 2);
  const bool of_head = data[1] % 2 == 1;
  // What Beast takes for HTTP although it is not may depend on the cuts, so the
  // outcomes are not compared; Http1ParserTest does that with answers.
  Read(answer, answer.size() + 1, of_head);
  Read(answer, data[0] % 32 + 1, of_head);
  return 0;
}
