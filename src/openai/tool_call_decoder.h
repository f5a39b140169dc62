#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"
#include "openai/opaque_parts.h"
#include "openai/tool_call_numbering.h"

namespace holysheep {

namespace pb = node::v1;

// Reads the tool calls of one answer, and knows at its end which of them are
// whole. Internal to the response codec.
class ToolCallDecoder {
 public:
  // Hears a fragment of a call. An error ends the reading.
  using OnFragment = absl::FunctionRef<absl::Status(const pb::ToolCallDelta&)>;

  // Reads the calls in a message or delta, and notes in `opaque` what a later
  // turn must send back. A call without an id is given one, made from
  // `answer_id`. UPSTREAM_MALFORMED if they have the wrong shape.
  absl::Status Decode(const JsonValue& message, absl::string_view answer_id,
                      OpaqueParts& opaque, OnFragment on_fragment);

  // The answer is over: a call without arguments gets `{}`, and one whose
  // arguments are no JSON is said to be incomplete.
  absl::Status End(OnFragment on_fragment);

  bool any() const { return !calls_.empty(); }

  // What the caller should be told after End; empty if all calls are whole.
  std::string Warning() const;

 private:
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
    Utf8Joiner joiner;
    bool incomplete = false;
  };

  absl::Status DecodeToolCall(const JsonValue& call,
                              absl::string_view answer_id, OpaqueParts& opaque,
                              OnFragment on_fragment);
  absl::Status DecodeFunctionCall(const JsonValue& function,
                                  absl::string_view answer_id,
                                  OnFragment on_fragment);
  absl::Status Pass(const ToolCallNumbering::Place& place,
                    const JsonValue* function, OnFragment on_fragment);
  void Begin(absl::string_view id, absl::string_view answer_id);

  ToolCallNumbering numbering_;
  // By number.
  std::vector<Call> calls_;
  // Reused, so that a fragment allocates nothing.
  pb::ToolCallDelta delta_;
};

}  // namespace holysheep
