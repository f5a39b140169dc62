#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// A line of a batch's input: the members of an InvokeRequest, and an `id` (a
// string or a number) that is empty if the line has none. Unknown members are
// errors.
absl::StatusOr<pb::BatchItem> BatchItemFromJson(absl::string_view line);

// `result` as one line of JSON with its fields' proto names, defaults included,
// and a line end.
std::string BatchResultLine(const pb::BatchResult& result);

// What a line of an earlier run says.
struct FinishedItem {
  std::string id;
  bool failed = false;
};
absl::StatusOr<FinishedItem> FinishedItemFromJson(absl::string_view line);

}  // namespace holysheep::cli
