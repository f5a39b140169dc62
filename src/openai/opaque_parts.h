#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// Collects the parts of an answer that have no meaning here but must be sent
// back in a later turn, such as signatures of the reasoning. Written as
// InvokeResponse.opaque_json and read by WriteMessages. Not thread-safe. One
// object per answer, owned by its CompletionDecoder. The names it collects are
// listed in opaque_parts.cc.
class OpaqueParts {
 public:
  // Collects from a message or delta, or from one of its tool calls. Returns
  // false if a part is nested too deeply. `id` is the call's id, as the caller
  // sees it. More than one piece may come for a message or call.
  bool AddMessage(const JsonValue& message);
  bool AddToolCall(absl::string_view id, const JsonValue& call);

  // The size of what has been collected. In bytes of JSON; counts towards the
  // bound of the whole answer.
  size_t bytes() const { return bytes_; }

  // Returns a JSON object; empty if nothing was collected. It has the form that
  // WriteMessages expects.
  std::string Json() const;

 private:
  using Members = std::map<std::string, std::string>;

  // Adds members of `value` that arrive whole, replacing earlier ones.
  bool AddLast(const JsonValue& value, Members& members);

  size_t bytes_ = 0;
  // The elements of arrays that arrive in pieces, each element as JSON.
  std::map<std::string, std::vector<std::string>> lists_;
  // Members that arrive whole: the last value holds.
  Members members_;
  // The members of tool calls, by the call's id.
  std::map<std::string, Members> calls_;
};

}  // namespace holysheep
