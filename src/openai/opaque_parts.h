#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// Collects the parts of an answer that have no meaning here but must be sent
// back in a later turn, such as signatures of the reasoning. Written as
// InvokeResponse.opaque_json and read by WriteMessages. Not thread-safe.
class OpaqueParts {
 public:
  // Collects from a message or delta, or from one of its tool calls. Returns
  // false if a part is nested too deeply.
  bool AddMessage(const JsonValue& message);
  bool AddToolCall(absl::string_view id, const JsonValue& call);

  // The size of what has been collected.
  size_t bytes() const { return bytes_; }

  // Returns a JSON object; empty if nothing was collected.
  std::string Json() const;

 private:
  using Members = std::map<std::string, std::string>;

  bool AddLast(const JsonValue& value, Members& members);

  size_t bytes_ = 0;
  // The elements of arrays that arrive in pieces, each element as JSON.
  std::map<std::string, std::vector<std::string>> lists_;
  // Members that arrive whole: the last value holds.
  Members members_;
  std::map<std::string, Members> calls_;
};

}  // namespace holysheep
