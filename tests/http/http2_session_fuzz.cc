// Any bytes as frames of the peer, cut anywhere, while one request is open:
// nothing crashes, a stream ends at most once and hears nothing after that, and
// what is to be sent is bounded. The first byte says how far apart the cuts
// are; the second, whether the frames of an ordinary answer's beginning come
// first.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "http/native/http2_session.h"
#include "http/native/target.h"

namespace holysheep::native {
namespace {

// SETTINGS, and the head of stream 1: `:status: 200` in HPACK.
constexpr char kBeginning[] =
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\1\1\4\0\0\0\1\x88";
// What one piece may make the session say: acknowledgements and windows.
constexpr size_t kMaxOut = 1 << 20;

void Require(bool condition) {
  if (!condition) std::abort();
}

class Events final : public Http2Session::Events {
 public:
  bool OnHeader(int32_t stream, absl::string_view name,
                absl::string_view value) override {
    Hear(stream);
    absl::StrAppend(&heard, name, ": ", value, "\n");
    return heard.size() < 1 << 16;
  }
  void OnHeadEnd(int32_t stream) override {
    Hear(stream);
    absl::StrAppend(&heard, "\n");
  }
  void OnData(int32_t stream, absl::string_view data) override {
    Hear(stream);
    absl::StrAppend(&heard, data);
  }
  void OnAllReceived(int32_t stream) override {
    Hear(stream);
    absl::StrAppend(&heard, "<all>");
  }
  void OnClosed(int32_t stream, uint32_t code) override {
    Hear(stream);
    closed_ = true;
    absl::StrAppend(&heard, "<closed ", code, ">");
  }
  void OnNotSent(int32_t stream) override {
    Hear(stream);
    closed_ = true;
    absl::StrAppend(&heard, "<not sent>");
  }
  size_t OnBodyWanted(int32_t stream, absl::Span<char>, bool& last) override {
    Require(stream == 1);
    last = true;
    return 0;
  }
  void OnLimits() override {}

  std::string heard;

 private:
  void Hear(int32_t stream) const { Require(stream == 1 && !closed_); }

  bool closed_ = false;
};

void Read(absl::string_view frames, size_t piece_size) {
  Events events;
  const auto session = NewHttp2Session(events);
  HttpRequest request;
  request.url = "https://upstream.example/v1";
  if (session->Submit(*ParseTarget(request.url), request) != 1) std::abort();
  std::string out;
  bool good = session->Collect(kMaxOut, out);
  while (good && !frames.empty()) {
    // A copy, so that a sanitizer sees a view that outlives its piece.
    const std::string piece(frames.substr(0, piece_size));
    frames.remove_prefix(piece.size());
    good = session->Receive(piece);
    out.clear();
    good = good && session->Collect(kMaxOut, out);
    Require(out.size() <= 2 * kMaxOut);
  }
}

}  // namespace
}  // namespace holysheep::native

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holysheep::native;
  if (size < 2) return 0;
  std::string frames(kBeginning, data[1] % 2 == 0 ? 0 : sizeof(kBeginning) - 1);
  frames.append(reinterpret_cast<const char*>(data) + 2, size - 2);
  Read(frames, frames.size() + 1);
  Read(frames, data[0] % 32 + 1);
  return 0;
}
