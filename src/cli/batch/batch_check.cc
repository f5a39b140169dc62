#include "cli/batch/batch_check.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/utf8.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

constexpr size_t kMaxShownNames = 200;

std::string Place(const BatchSource& source, const BrokenLine& line) {
  return absl::StrCat(source.name, ":", line.line, ": ", line.problem);
}

// Says what was read although it is odd, and what is not read at all.
void TellOddities(const Session& session, const BatchSource& source,
                  const InputSummary& input) {
  if (input.odd > 0) {
    Warn(session, absl::StrCat(Place(source, input.first_odd), " (",
                               Grouped(input.odd), " such rows)"));
  }
  if (!input.own_columns.empty()) {
    Note(
        session,
        absl::StrCat(
            "columns passed through: ",
            BoundedUtf8(absl::StrJoin(input.own_columns, ", "), kMaxShownNames),
            "; one that is meant for the service needs --column FIELD=NAME"));
  }
}

}  // namespace

bool AcceptsInput(const Session& session, const BatchOptions& options,
                  const BatchSource& source, const InputSummary& input) {
  if (input.broken > 0 && !options.skip_bad_lines) {
    RefuseInput(session,
                absl::StrCat(Place(source, input.first_broken.front()), " (",
                             Grouped(input.broken),
                             " broken in all); nothing was asked; fix it, or "
                             "give --on-bad-line skip"));
    return false;
  }
  TellOddities(session, source, input);
  for (const BrokenLine& broken : input.first_broken) {
    Warn(session, absl::StrCat(Place(source, broken), "; skipped"));
  }
  const int64_t rest =
      input.broken - static_cast<int64_t>(input.first_broken.size());
  if (rest > 0) {
    Warn(session, absl::StrCat(Grouped(rest), " more lines are skipped"));
  }
  return true;
}

}  // namespace holysheep::cli
