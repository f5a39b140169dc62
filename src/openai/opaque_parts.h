#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"
#include "openai/reading/opaque_member.h"
#include "openai/reading/part_names.h"

namespace holysheep {

// Collects the parts of an answer that have no field here: those that must be
// sent back in a later turn, such as signatures of the reasoning, and those
// that are for the caller only, such as pictures and probabilities. Written as
// InvokeResponse.opaque_json and read by WriteMessages. Bounded: what does not
// fit is named in a warning. Not thread-safe. One object per answer, owned by
// its CompletionDecoder. The names are listed in reading/part_names.cc.
class OpaqueParts {
 public:
  // The most that `max_bytes` may allow.
  static constexpr size_t kMaxBytes = 1 << 20;

  // `max_bytes` bounds the JSON of all parts together.
  explicit OpaqueParts(size_t max_bytes);

  // Collects from a message or delta, from the choice around it, and from the
  // answer around that. More than one piece may come for each.
  void AddMessage(const JsonValue& message);
  void AddChoice(const JsonValue& choice);
  void AddAnswer(const JsonValue& answer);
  // Collects a part of the content whose type is not known.
  void AddPart(const JsonValue& part);
  // Collects from a tool call. `id` is the call's id, as the caller sees it.
  void AddToolCall(absl::string_view id, const JsonValue& call);

  // The number of pieces of content or signatures, including those that did not
  // fit; remarks about the answer are not counted.
  size_t said() const { return said_; }

  // What was collected, and the warning for the caller about what was not; each
  // is empty if there is none.
  struct Written {
    // A JSON object which the intake accepts as Message.opaque_json. Its member
    // kForCallerOnly lists the names of those that are not sent back.
    std::string json;
    std::string warning;
  };
  // Call it last.
  Written Write();

 private:
  using Members = std::map<std::string, OpaqueMember>;

  void AddMembers(const JsonValue& value, PartPlace place);
  void Add(absl::string_view name, const JsonValue& value, PartUse use);
  void Lose(absl::string_view name);
  void LoseBroken(Members& members);
  void LoseAll(Members& members);
  // Removes what makes the whole no JSON that the intake accepts.
  void RemoveBroken();
  std::string Json() const;

  size_t room_;
  size_t said_ = 0;
  // Parts to be sent back, and parts for the caller only.
  Members sent_back_;
  Members for_caller_;
  // The members of tool calls, by the call's id.
  std::map<std::string, Members> calls_;
  // Names of what did not fit, as they are shown.
  std::set<std::string> lost_;
};

}  // namespace holysheep
