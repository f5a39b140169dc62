#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// Reads a line of a batch's input: the members of an InvokeRequest, and an `id`
// (a string or a number), which is empty if the line has none. Messages, tools
// and the like may have OpenAI's form, and the line may be one of OpenAI's
// batch files, whose `custom_id` is the id. Unknown members are errors.
// kInvalidArgument says what is wrong, without the line. Pure, as all functions
// here.
absl::StatusOr<pb::BatchItem> BatchItemFromJson(absl::string_view line);

// Returns `result` as one line of JSON with the proto names of its fields,
// default values included, and a line end. `columns` is a JSON object of the
// user's own columns, which becomes the member `columns`, or empty.
std::string BatchResultLine(const pb::BatchResult& result,
                            absl::string_view columns);
// Reads such a line again, without the columns.
absl::StatusOr<pb::BatchResult> BatchResultFromJson(absl::string_view line);

// The parts of an output line that a later run needs.
struct FinishedItem {
  // Never empty.
  std::string id;
  bool failed = false;
};
// Reads a line that BatchResultLine has written, by this version or an earlier
// one. An error for a line with neither a response nor an error.
absl::StatusOr<FinishedItem> FinishedItemFromJson(absl::string_view line);

}  // namespace holysheep::cli
