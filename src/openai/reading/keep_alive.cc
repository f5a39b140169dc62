#include "openai/reading/keep_alive.h"

#include "absl/strings/match.h"

namespace holysheep {

bool IsKeepAliveName(absl::string_view name) {
  if (name.empty()) return false;
  for (const absl::string_view known :
       {"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"}) {
    if (absl::EqualsIgnoreCase(name, known)) return true;
  }
  return false;
}

bool IsKeepAlive(absl::string_view data) {
  return data.empty() || data[0] == ':' || data == "null" || data == "\"\"" ||
         data == "[]" || data == "{}" || IsKeepAliveName(data);
}

}  // namespace holysheep
