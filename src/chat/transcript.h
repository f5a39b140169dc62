#pragma once

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "chat/backend.h"

namespace holysheep {

// The bytes up to which pieces are merged. A piece that is longer by itself
// stays whole.
inline constexpr size_t kMaxMergedBytes = 4096;

// The pieces of one answer in order, packed into one string. A running answer
// and a stored answer have the same form, and readers are positions in it. It
// grows only at the end. Not thread-safe.
class Transcript {
 public:
  using Visitor = absl::FunctionRef<void(const pb::InvokeEvent&)>;

  Transcript() = default;
  // Continues with the result of `packed`. REQUIRES: it comes from a
  // Transcript; it is not checked.
  explicit Transcript(std::string packed) : packed_(std::move(packed)) {}

  // Appends a delta: text, reasoning, tool_call or refusal. Others are ignored.
  void Append(const pb::InvokeEvent& delta);

  // Passes all from `position` (0, or the result of an earlier call) to the end
  // to `visit`, merged as by ReadMerged. Returns the new position.
  size_t ReadFrom(size_t position, Visitor visit) const;

  // Sets `event` to the piece at `position`, which must not be the end. Returns
  // the position of the next piece.
  size_t ReadOne(size_t position, pb::InvokeEvent& event) const;

  // The same with the pieces that follow, as far as they are of its kind (of a
  // tool call: only more of its arguments) and all fit in kMaxMergedBytes.
  size_t ReadMerged(size_t position, pb::InvokeEvent& event) const;

  // The position of the next piece to be appended.
  size_t end() const { return packed_.size(); }
  // Valid until the next Append.
  absl::string_view packed() const { return packed_; }

 private:
  std::string packed_;
};

// Adds a delta to the partial answer in `response`. Fragments of a tool call
// are joined by their index.
void FoldDelta(const pb::InvokeEvent& delta, pb::InvokeResponse& response);

// Adds all pieces of a packed transcript to `response`.
void FoldTranscript(absl::string_view packed, pb::InvokeResponse& response);

}  // namespace holysheep
