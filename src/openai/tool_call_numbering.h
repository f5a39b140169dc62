#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// Determines which tool call of an answer a fragment belongs to, and numbers
// the calls from 0 in the order in which they begin. Upstreams differ: some
// number fragments from 0, some from 1, some give every call the number 0 and
// an id of its own, some give every fragment an id of its own, some omit number
// or id. Not thread-safe.
class ToolCallNumbering {
 public:
  // OpenAI's own bound on the tools of a request; far more calls than any model
  // makes in one answer.
  static constexpr int kMaxCalls = 128;

  // The parts of a fragment that identify its call.
  struct Fragment {
    // As the upstream numbers it, at least 0; not set if it does not, and -1
    // for the one call of the old form.
    std::optional<int64_t> index;
    // Empty if the fragment has none.
    absl::string_view id;
    absl::string_view name;
  };
  // The call that a fragment belongs to.
  struct Place {
    // From 0, as callers see it.
    int index = 0;
    // Whether the call begins with this fragment.
    bool is_new = false;
    // Whether this fragment is the first with the name.
    bool takes_name = false;
  };

  // Returns nothing for a call beyond kMaxCalls. Call it for each fragment
  // once, in the order of arrival. Takes time linear in the number of calls.
  std::optional<Place> PlaceOf(const Fragment& fragment);

 private:
  struct Call {
    std::optional<int64_t> upstream_index;
    std::string id;
    // Whether a fragment has had the name of the function.
    bool named;
  };

  // Returns -1 if the fragment begins a call.
  int FindCall(const Fragment& fragment) const;

  std::vector<Call> calls_;
};

}  // namespace holysheep
