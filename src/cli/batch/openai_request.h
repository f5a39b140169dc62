#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"
#include "json/json_dom.h"

// Chat requests in OpenAI's form, as batch files hold them. Pure functions;
// errors are kInvalidArgument and name the member.
namespace holysheep::cli {

namespace pb = node::v1;

// Reads a line of OpenAI's batch files: `custom_id`, `method`, `url` and
// `body`. kInvalidArgument for an endpoint other than chat completions, and for
// what the service has no place for.
absl::Status ReadOpenAiLine(const JsonValue& line, pb::BatchItem& item);

// Whether `line` is one of OpenAI's batch files.
bool IsOpenAiLine(const JsonValue& line);

// Whether the member of a request is written as in OpenAI's API and not as in
// ours: messages with `content`, tools with `function`, and so on.
bool IsOpenAiForm(absl::string_view name, const JsonValue& value);

// Sets what a member of a body in OpenAI's form says. Members without a field
// of their own are added to `extra_params_json`. A null leaves all as it is.
absl::Status SetOpenAiMember(absl::string_view name, const JsonValue& value,
                             pb::InvokeRequest& request);

}  // namespace holysheep::cli
