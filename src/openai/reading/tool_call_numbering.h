#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
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
    // Whether it has arguments.
    bool has_arguments = false;
    // Whether it is an entry of a whole message, and so a call of its own.
    bool is_whole_call = false;
    // The same for all entries of one array, and increasing.
    int array = 0;
  };
  // The call that a fragment belongs to.
  struct Place {
    // From 0, as callers see it; -1 for a fragment that says nothing and
    // belongs to no call.
    int index = 0;
    // Whether the call begins with this fragment.
    bool is_new = false;
  };
  // Whether the arguments of the call with this index are whole JSON.
  using IsWhole = absl::FunctionRef<bool(int index)>;

  // Returns nothing for a call beyond kMaxCalls. Call it for each fragment
  // once, in the order of arrival. Takes time linear in the number of calls.
  std::optional<Place> PlaceOf(const Fragment& fragment, IsWhole is_whole);

 private:
  struct Call {
    std::optional<int64_t> upstream_index;
    std::string id;
    // The array that had its name last.
    int named_in;
  };

  // Returns -1 if the fragment begins a call.
  int FindCall(const Fragment& fragment, IsWhole is_whole) const;
  // Whether `fragment`, of which only the number is known to the call `last`,
  // begins another one.
  bool Begins(const Fragment& fragment, int last, IsWhole is_whole) const;

  std::vector<Call> calls_;
};

}  // namespace holysheep
