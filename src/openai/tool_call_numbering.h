#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace holysheep {

// Tells which tool call of an answer a fragment belongs to, and numbers the
// calls from 0 in the order they begin. Upstreams disagree: some number
// fragments from 0, some from 1, some give every call the number 0 and an id of
// its own, some give every fragment an id of its own, some give no number or no
// id.
class ToolCallNumbering {
 public:
  static constexpr int kMaxCalls = 128;

  struct Fragment {
    std::optional<int64_t> index;
    absl::string_view id;
    absl::string_view name;
  };
  struct Place {
    int index = 0;
    // The call begins here.
    bool is_new = false;
    // Its name has not been said before.
    bool takes_name = false;
  };

  // None for a call beyond kMaxCalls.
  std::optional<Place> PlaceOf(const Fragment& fragment);

 private:
  struct Call {
    std::optional<int64_t> upstream_index;
    std::string id;
    bool named;
  };

  // -1 if the fragment begins a call.
  int FindCall(const Fragment& fragment) const;

  std::vector<Call> calls_;
};

}  // namespace holysheep
