#pragma once

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "chat/backend.h"

namespace holysheep {

// The pieces of one answer in their order, packed into one string: an answer
// under way and an answer in the cache are the same thing, and its readers are
// positions in it. Grows only at the end.
class Transcript {
 public:
  using Visitor = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  Transcript() = default;
  // Takes back what `packed` gave.
  explicit Transcript(std::string packed) : packed_(std::move(packed)) {}

  // Adds a delta: text, reasoning, tool_call or refusal; others are left out.
  void Append(const pb::InvokeEvent& delta);

  // Shows every piece from `position` (0, or what an earlier call returned) to
  // the end, chunk for chunk as they came; returns the new position.
  size_t ReadFrom(size_t position, Visitor visit) const;

  // Sets `event` to the one piece at `position`, which is not the end; returns
  // the position of the next.
  size_t ReadOne(size_t position, pb::InvokeEvent& event) const;

  // Where the next piece will begin.
  size_t end() const { return packed_.size(); }
  absl::string_view packed() const { return packed_; }

 private:
  std::string packed_;
};

// Adds one delta to the answer that `response` holds so far.
void FoldDelta(const pb::InvokeEvent& delta, pb::InvokeResponse& response);

// Adds all the pieces of a packed transcript to `response`.
void FoldTranscript(absl::string_view packed, pb::InvokeResponse& response);

}  // namespace holysheep
