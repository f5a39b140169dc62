#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// Gathers what an answer holds that means nothing here but that a later turn
// must send back, such as signatures of the reasoning. Written as
// InvokeResponse.opaque_json, and read back by WriteMessages.
class OpaqueParts {
 public:
  // Notes what is there in a message or delta, or in one of its tool calls.
  // False if it is nested too deeply.
  bool AddMessage(const JsonValue& message);
  bool AddToolCall(absl::string_view id, const JsonValue& call);

  // Of what has been noted.
  size_t bytes() const { return bytes_; }

  // A JSON object; empty if nothing was noted.
  std::string Json() const;

 private:
  using Members = std::map<std::string, std::string>;

  bool AddLast(const JsonValue& value, Members& members);

  size_t bytes_ = 0;
  // The elements of arrays that come in pieces, each element as JSON.
  std::map<std::string, std::vector<std::string>> lists_;
  // Members that come whole: the last one holds.
  Members members_;
  std::map<std::string, Members> calls_;
};

}  // namespace holysheep
