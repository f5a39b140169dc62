#include "cli/batch/batch_json.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "json/json.h"

namespace holysheep::cli {
namespace {

using google::protobuf::util::JsonStringToMessage;

// Returns the text of a JSON string or number.
absl::StatusOr<std::string> IdOf(absl::string_view value) {
  const bool is_number =
      value.front() == '-' || (value.front() >= '0' && value.front() <= '9');
  if (is_number) return std::string(value);
  pb::BatchItem item;
  if (value.front() != '"' ||
      !JsonStringToMessage(absl::StrCat("{\"id\":", value, "}"), &item).ok()) {
    return absl::InvalidArgumentError("the id is neither a text nor a number");
  }
  if (item.id().empty()) return absl::InvalidArgumentError("the id is empty");
  return item.id();
}

}  // namespace

// The id is taken out by hand, because it may be a number; protobuf reads the
// rest and refuses unknown members.
absl::StatusOr<pb::BatchItem> BatchItemFromJson(absl::string_view line) {
  const auto members = JsonMembers(line);
  if (!members.ok()) return members.status();
  pb::BatchItem item;
  std::string request = "{";
  for (const JsonMember& member : *members) {
    if (member.name == "id") {
      const auto id = IdOf(member.value);
      if (!id.ok()) return id.status();
      item.set_id(*id);
      continue;
    }
    // The API's own names need no escaping, and others are not understood.
    if (member.name.find_first_of("\"\\") != std::string::npos) {
      return absl::InvalidArgumentError("unknown member");
    }
    absl::StrAppend(&request, request.size() > 1 ? "," : "", "\"", member.name,
                    "\":", member.value);
  }
  request.push_back('}');
  const auto status = JsonStringToMessage(request, item.mutable_request());
  if (!status.ok()) {
    return absl::InvalidArgumentError(std::string(status.message()));
  }
  return item;
}

std::string BatchResultLine(const pb::BatchResult& result) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string line;
  // Fails for an invalid Any or Timestamp only, which no result has.
  const auto status =
      google::protobuf::util::MessageToJsonString(result, &line, options);
  if (!status.ok()) line = "{}";
  line.push_back('\n');
  return line;
}

absl::StatusOr<FinishedItem> FinishedItemFromJson(absl::string_view line) {
  const auto members = JsonMembers(line);
  if (!members.ok()) return members.status();
  FinishedItem finished;
  bool has_outcome = false;
  for (const JsonMember& member : *members) {
    if (member.name == "id") {
      auto id = IdOf(member.value);
      if (!id.ok()) return id.status();
      finished.id = *std::move(id);
    }
    has_outcome =
        has_outcome || member.name == "response" || member.name == "error";
    finished.failed = finished.failed || member.name == "error";
  }
  if (finished.id.empty() || !has_outcome) {
    return absl::InvalidArgumentError("neither a response nor an error");
  }
  return finished;
}

}  // namespace holysheep::cli
