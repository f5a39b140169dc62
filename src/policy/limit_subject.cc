#include "policy/limit_subject.h"

#include "absl/strings/str_cat.h"

namespace holysheep {

absl::string_view LimitName(Limit limit) {
  switch (limit) {
    case Limit::kMaxConcurrent:
      return "max_concurrent";
    case Limit::kRequestsPerMinute:
      return "requests_per_minute";
    case Limit::kTokensPerMinute:
      return "tokens_per_minute";
    case Limit::kBudgets:
      return "budgets";
  }
  return "";
}

std::string SubjectText(const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::kService:
      return "service";
    case SubjectKind::kModel:
      return absl::StrCat("model:", subject.name);
    case SubjectKind::kCaller:
      return absl::StrCat("caller:", subject.name);
  }
  return "";
}

}  // namespace holysheep
