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

// Decodes the tool calls of one answer, and determines at its end which of them
// are complete. Not thread-safe. Internal to the response codec.
class ToolCallDecoder {
 public:
  // Receives a fragment of a call. An error ends the decoding.
  using OnFragment = absl::FunctionRef<absl::Status(const pb::ToolCallDelta&)>;

  // Decodes the calls in a message or delta, and adds to `opaque` what a later
  // turn must send back. A call without an id gets one, derived from
  // `answer_id`. Returns UPSTREAM_MALFORMED if the calls have the wrong shape.
  // Also reads `function_call`, the form that preceded tools. More than
  // ToolCallNumbering::kMaxCalls calls are UPSTREAM_MALFORMED.
  absl::Status Decode(const JsonValue& message, absl::string_view answer_id,
                      OpaqueParts& opaque, OnFragment on_fragment);

  // Ends the answer: a call without arguments gets `{}`, and a call whose
  // arguments are not JSON is marked as incomplete. Call it once, last.
  absl::Status End(OnFragment on_fragment);

  // Whether the answer has begun a call.
  bool any() const { return !calls_.empty(); }

  // The warning for the caller, after End; empty if all calls are complete.
  std::string Warning() const;

 private:
  // A call as far as it has arrived; its arguments are kept to be checked at
  // the end.
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
    // Completes a character of the arguments that two fragments share.
    Utf8Joiner joiner;
    bool incomplete = false;
  };

  absl::Status DecodeToolCall(const JsonValue& call,
                              absl::string_view answer_id, OpaqueParts& opaque,
                              OnFragment on_fragment);
  absl::Status DecodeFunctionCall(const JsonValue& function,
                                  absl::string_view answer_id,
                                  OnFragment on_fragment);
  // Passes on the new part of a call, unless there is none.
  absl::Status Pass(const ToolCallNumbering::Place& place,
                    const JsonValue* function, OnFragment on_fragment);
  // Adds a call to calls_, which may invalidate references to its elements.
  void Begin(absl::string_view id, absl::string_view answer_id);

  ToolCallNumbering numbering_;
  // Indexed by the number of the call.
  std::vector<Call> calls_;
  // Reused, so that a fragment allocates nothing.
  pb::ToolCallDelta delta_;
};

}  // namespace holysheep
