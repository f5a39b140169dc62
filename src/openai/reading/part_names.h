#pragma once

#include "absl/strings/string_view.h"

// The names of the members of an answer, by what becomes of them. Pure.
// Internal to the response codec.
namespace holysheep {

// Where a member stands: in the answer itself, in its choice, or in the message
// or delta of that.
enum class PartPlace { kAnswer, kChoice, kMessage };

// How the pieces of a member make one value.
enum class PartUse {
  // It is read elsewhere, or describes the transport rather than the answer.
  kPassOver,
  // An array whose elements come one by one, to be sent back in a later turn.
  kList,
  kWhole,  // sent back in a later turn as it came last
  // What follows is for the caller only. Unknown members: arrays are appended,
  // of other values the last holds.
  kOther,
  kGroup,  // an object whose members are collected
};

// What becomes of the member `name`.
PartUse UseOf(absl::string_view name, PartPlace place);

// Whether the member `name` of a message is content, such as a picture, rather
// than a remark about it.
bool IsContent(absl::string_view name);

// Whether the intake refuses Message.opaque_json with this member, because it
// has a field of its own.
bool HasOwnField(absl::string_view name);

}  // namespace holysheep
