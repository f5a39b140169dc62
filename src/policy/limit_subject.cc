#include "policy/limit_subject.h"

#include "absl/strings/str_cat.h"

namespace holysheep {

std::string SubjectText(const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::kService:
      return "service";
    case SubjectKind::kModel:
      return absl::StrCat("model:", subject.name);
    case SubjectKind::kCaller:
      return absl::StrCat("caller:", subject.name);
    case SubjectKind::kApp:
      return absl::StrCat("app:", subject.name);
  }
  return "";
}

}  // namespace holysheep
