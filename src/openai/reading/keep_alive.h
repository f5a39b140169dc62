#pragma once

#include "absl/strings/string_view.h"

// Signs of life, which servers send so that a connection is not considered
// dead. Pure. Internal to the response codec.
namespace holysheep {

// Whether an event with this name only keeps a connection alive, whatever its
// data says.
bool IsKeepAliveName(absl::string_view name);

// Whether the data of an event, without white space around it, is nothing but a
// sign of life: a comment, an empty value or such a name.
bool IsKeepAlive(absl::string_view data);

}  // namespace holysheep
