#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"
#include "json/json_dom.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The error for a value at `path` that is not what it must be.
absl::Status WrongValue(absl::string_view path, absl::string_view problem);

// Reads the messages of a request in OpenAI's form: `content` as a text, as
// parts or null, tool calls, and reasoning. Members of an assistant's message
// that have no field go into its `opaque_json`; those of others are errors.
// Nulls count as not there. Pure.
absl::Status ReadOpenAiMessages(const JsonValue& messages,
                                pb::InvokeRequest& request);

}  // namespace holysheep::cli
