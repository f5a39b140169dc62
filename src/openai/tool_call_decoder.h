#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/utf8.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"
#include "openai/opaque_parts.h"
#include "openai/reading/arguments_scan.h"
#include "openai/reading/tool_call_numbering.h"

namespace holysheep {

namespace pb = node::v1;

// Decodes the tool calls of one answer, and determines at its end which of them
// are complete. Not thread-safe. Internal to the response codec.
class ToolCallDecoder {
 public:
  // Receives a fragment of a call. The first one of a call has its id and its
  // whole name. An error ends the decoding.
  using OnFragment = absl::FunctionRef<absl::Status(const pb::ToolCallDelta&)>;

  // `random` gives ids to calls that have none or one that another call has.
  explicit ToolCallDecoder(absl::BitGenRef random) : random_(random) {}

  // Decodes the calls in a message or delta, and adds to `opaque` what a later
  // turn must send back. In a whole message (`is_whole`) every entry is a call
  // of its own. A call is held back until its arguments begin, another call
  // begins or the answer ends, because its name may come in pieces. Returns
  // UPSTREAM_MALFORMED if the calls have the wrong shape. Also reads
  // `function_call`, the form that preceded tools. More than
  // ToolCallNumbering::kMaxCalls calls are UPSTREAM_MALFORMED.
  absl::Status Decode(const JsonValue& message, bool is_whole,
                      OpaqueParts& opaque, OnFragment on_fragment);

  // Ends the answer: a call without arguments gets `{}`, and a call whose
  // arguments are not JSON is marked as incomplete. Call it once, last.
  absl::Status End(OnFragment on_fragment);

  // Whether the answer has begun a call.
  bool any() const { return !calls_.empty(); }
  // The number of fragments so far that said something.
  size_t said() const { return said_; }
  // The bytes that are held back.
  size_t held_bytes() const { return held_bytes_; }

  // The warning for the caller, after End; empty if all calls are complete.
  std::string Warning() const;

 private:
  // A call as far as it has arrived; its arguments are kept to be checked at
  // the end.
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
    // How much of the arguments has been passed on.
    size_t sent = 0;
    // Whether the first fragment and the name have been passed on.
    bool is_begun = false;
    bool is_named = false;
    // Completes a character of the arguments that two fragments share.
    Utf8Joiner joiner;
    ArgumentsScan scan;
    // Whether the arguments are JSON; not set until they are closed.
    std::optional<bool> is_json;
    bool incomplete = false;
  };

  absl::Status DecodeFragment(const ToolCallNumbering::Fragment& fragment,
                              const JsonValue& call, const JsonValue* function,
                              OpaqueParts& opaque, OnFragment on_fragment);
  // Whether the fragment repeats what a call with its id has said.
  bool IsRepetition(const ToolCallNumbering::Fragment& fragment,
                    absl::string_view arguments);
  bool IsWhole(int index);
  // Passes on the calls that are held back, and adds one.
  absl::Status Begin(absl::string_view id, OnFragment on_fragment);
  void Take(absl::string_view name, absl::string_view arguments, Call& call);
  // Passes on what has not been, with the marks that delta_ has already.
  absl::Status Send(size_t index, OnFragment on_fragment);
  std::string NewId();

  absl::BitGenRef random_;
  ToolCallNumbering numbering_;
  int arrays_ = 0;
  size_t said_ = 0;
  size_t held_bytes_ = 0;
  // Indexed by the number of the call.
  std::vector<Call> calls_;
  // Reused, so that a fragment allocates nothing.
  pb::ToolCallDelta delta_;
};

}  // namespace holysheep
