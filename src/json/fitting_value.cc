#include "json/fitting_value.h"

#include <utility>

#include "base/errors.h"
#include "json/embedded_json.h"
#include "json/json.h"

namespace holysheep {
namespace {

constexpr size_t kQuickText = 16'384;
// Bounds on values that may each take the time of a check.
constexpr size_t kQuickValues = 4;
constexpr int kLongChecks = 4;

bool IsSame(absl::string_view a, absl::string_view b) {
  if (a == b) return true;
  const auto first = CanonicalJson(a);
  const auto second = CanonicalJson(b);
  return first.ok() && second.ok() && *first == *second;
}

FittingValue None(absl::string_view complaint) {
  return {{}, MakeError(Reason::kInvalidArgument, complaint)};
}

// Checks one value after another, of which only a few may take long.
class Choice {
 public:
  Choice(const JsonSchema& schema, bool quick)
      : schema_(schema), long_checks_(quick ? 0 : kLongChecks) {}

  // Returns nothing if no more time may be taken.
  std::optional<absl::Status> Check(absl::string_view value) {
    std::optional<absl::Status> status = schema_.CheckQuickly(value);
    if (status.has_value() || long_checks_ == 0) return status;
    --long_checks_;
    return schema_.Check(value);
  }

  // Returns nothing if no more time may be taken.
  std::optional<FittingValue> Among(const EmbeddedJson& found) {
    FittingValue fitting = None("the whole: is not valid JSON");
    for (const absl::string_view value : found.values) {
      const auto status = Check(value);
      if (!status.has_value()) return std::nullopt;
      if (!status->ok()) {
        if (fitting.json.empty()) fitting.complaint = *status;
      } else if (fitting.json.empty()) {
        fitting = {value, absl::OkStatus()};
      } else if (!IsSame(fitting.json, value)) {
        return None("the whole: holds several JSON values that fit");
      }
    }
    if (found.more) return None("the whole: holds too many JSON values");
    return fitting;
  }

 private:
  const JsonSchema& schema_;
  int long_checks_;
};

}  // namespace

FittingValue FindFittingValue(const JsonSchema& schema,
                              absl::string_view text) {
  auto fitting = Choice(schema, /*quick=*/false).Among(FindEmbeddedJson(text));
  if (fitting.has_value()) return *std::move(fitting);
  return None("the whole: takes too long to check");
}

std::optional<FittingValue> FindFittingValueQuickly(const JsonSchema& schema,
                                                    absl::string_view text) {
  if (text.size() > kQuickText) return std::nullopt;
  const EmbeddedJson found = FindEmbeddedJson(text);
  if (found.values.size() > kQuickValues) return std::nullopt;
  return Choice(schema, /*quick=*/true).Among(found);
}

}  // namespace holysheep
