#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// `search` (see ErrorWords) without what it repeats of the request: the
// beginnings, of 8 characters at least, of the query, of the system prompt and
// of the texts of the last 8 messages, each up to where it goes on otherwise.
// What somebody asks about says nothing of what went wrong. Reads at most 16
// KiB of each text. Pure.
std::string WithoutEcho(absl::string_view search,
                        const pb::InvokeRequest& request);

}  // namespace holysheep
