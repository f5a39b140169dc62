#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// Reads a workflow in YAML, of which JSON is a subset: `query`, `stop_on_error`
// and `steps`, a list of mappings with `name`, `prompt`, `model`, `temperature`
// and `max_tokens`. An unknown name or a wrong type is an error that starts
// with `path` and the line; the service checks the values. A name that is given
// twice is an error, too; a null value counts as absent. Pure.
absl::StatusOr<pb::RunWorkflowRequest> WorkflowFromYaml(absl::string_view yaml,
                                                        absl::string_view path);

}  // namespace holysheep::cli
