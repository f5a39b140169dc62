#pragma once

#include "absl/strings/string_view.h"

namespace holysheep {

// Whether a JSON object that arrives in pieces has been closed. Looks at
// brackets and strings only, so a closed text may still not be JSON. Not
// thread-safe. Time is linear in the bytes, however they are cut.
class ArgumentsScan {
 public:
  void Add(absl::string_view piece);

  // Whether the text is one object or array with nothing but white space
  // around it.
  bool is_closed() const { return phase_ == Phase::kClosed; }

 private:
  enum class Phase {
    kBefore,
    kInside,
    kString,
    kEscape,  // after a backslash in a string
    kClosed,
    kOther,  // another text; it never closes
  };

  Phase Next(char c);

  Phase phase_ = Phase::kBefore;
  int depth_ = 0;
};

}  // namespace holysheep
