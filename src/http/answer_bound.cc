#include "http/answer_bound.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
// Here rather than with the readers, so that all of them say and mean the same.

absl::Status AnswerTooLong(size_t max_bytes) {
  ErrorDetails details;
  details.lasting = true;
  details.callers_bound = true;
  return MakeError(Reason::kUpstreamMalformed,
                   absl::StrCat("the upstream's answer is longer than ",
                                max_bytes, " bytes"),
                   details);
}

}  // namespace holysheep
