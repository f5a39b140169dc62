#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "http/sse_parser.h"

// A stream means the same however it is cut, and no event is over the bound.
namespace holysheep {
namespace {

struct Outcome {
  std::vector<std::string> events;
  bool ok = true;
  bool pending = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Cuts `stream` into pieces of the lengths that `cuts` says, over and over; in
// one piece if it says none.
Outcome Parse(absl::string_view stream, absl::string_view cuts, size_t bound) {
  Outcome outcome;
  SseParser parser(bound);
  const auto on_event = [&](const SseEvent& event) {
    if (event.data.size() > bound) std::abort();
    for (const absl::string_view part : {event.name, event.data, event.id}) {
      outcome.events.emplace_back(part);
    }
    return absl::OkStatus();
  };
  size_t turn = 0;
  while (!stream.empty() && outcome.ok) {
    const size_t length =
        cuts.empty()
            ? stream.size()
            : 1 + static_cast<uint8_t>(cuts[turn++ % cuts.size()]) % 16;
    // A copy, so that a sanitizer sees a view that outlives its piece.
    const std::string piece(stream.substr(0, length));
    stream.remove_prefix(piece.size());
    outcome.ok = parser.Feed(piece, on_event).ok();
  }
  outcome.pending = outcome.ok && parser.pending();
  if (outcome.ok) outcome.ok = parser.Flush(on_event).ok();
  return outcome;
}

}  // namespace
}  // namespace holysheep

// The first byte is the bound, the second how many bytes of cuts follow it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 2) return 0;
  const size_t bound = static_cast<uint8_t>(input[0]);
  const size_t cut_count = 1 + static_cast<uint8_t>(input[1]) % 8;
  const absl::string_view cuts = input.substr(2, cut_count);
  input.remove_prefix(2 + cuts.size());
  const auto whole = holysheep::Parse(input, {}, bound);
  if (!cuts.empty() && whole != holysheep::Parse(input, cuts, bound)) {
    std::abort();
  }
  return 0;
}
