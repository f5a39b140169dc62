#include "openai/reading/arguments_scan.h"

#include "absl/strings/ascii.h"

namespace holysheep {

void ArgumentsScan::Add(absl::string_view piece) {
  for (const char c : piece) phase_ = Next(c);
}

ArgumentsScan::Phase ArgumentsScan::Next(char c) {
  switch (phase_) {
    case Phase::kString:
      if (c == '\\') return Phase::kEscape;
      return c == '"' ? Phase::kInside : Phase::kString;
    case Phase::kEscape:
      return Phase::kString;
    case Phase::kOther:
      return Phase::kOther;
    case Phase::kBefore:
    case Phase::kClosed:
      if (absl::ascii_isspace(static_cast<unsigned char>(c))) return phase_;
      if (phase_ == Phase::kClosed || (c != '{' && c != '[')) {
        return Phase::kOther;
      }
      depth_ = 1;
      return Phase::kInside;
    case Phase::kInside:
      break;
  }
  if (c == '"') return Phase::kString;
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  return depth_ == 0 ? Phase::kClosed : Phase::kInside;
}

}  // namespace holysheep
