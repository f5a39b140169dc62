#include "cli/batch/batch_json.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/batch/openai_request.h"
#include "google/protobuf/util/json_util.h"
#include "json/json.h"
#include "json/json_dom.h"

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

// Adds what is probably wrong with a line that is not JSON.
absl::Status ExplainJson(absl::string_view line, const absl::Status& problem) {
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  absl::string_view advice = "";
  if (absl::StartsWith(text, "[")) {
    advice = "; a line must be an object: make lines with jq -c '.[]'";
  } else if (text == "{") {
    advice = "; an object must be in one line: make lines with jq -c .";
  } else if (absl::StartsWith(text, "{") && !absl::EndsWith(text, "}")) {
    advice = "; the line is cut off";
  } else if (!absl::StartsWith(text, "{")) {
    advice = "; if lines are plain questions, give --format lines";
  }
  return absl::InvalidArgumentError(absl::StrCat(problem.message(), advice));
}

}  // namespace

// The id is taken out by hand, because it may be a number. Members in OpenAI's
// form are read one by one; protobuf reads the rest and refuses unknown ones.
absl::StatusOr<pb::BatchItem> BatchItemFromJson(absl::string_view line) {
  const auto members = JsonMembers(line);
  if (!members.ok()) return ExplainJson(line, members.status());
  JsonParser parser;
  const JsonValue* root = parser.Parse(line);
  if (root == nullptr || !root->IsObject()) {
    return absl::InvalidArgumentError("not a JSON object");
  }
  pb::BatchItem item;
  if (IsOpenAiLine(*root)) {
    const absl::Status status = ReadOpenAiLine(*root, item);
    if (!status.ok()) return status;
    return item;
  }
  pb::InvokeRequest openai;
  std::string request = "{";
  for (const JsonMember& member : *members) {
    const JsonValue* value = Member(root, member.name);
    if (member.name == "id") {
      const auto id = IdOf(member.value);
      if (!id.ok()) return id.status();
      item.set_id(*id);
    } else if (value != nullptr && IsOpenAiForm(member.name, *value)) {
      const absl::Status status = SetOpenAiMember(member.name, *value, openai);
      if (!status.ok()) return status;
    } else if (member.name.find_first_of("\"\\") != std::string::npos) {
      // The API's own names need no escaping, and others are not understood.
      return absl::InvalidArgumentError("unknown member");
    } else {
      absl::StrAppend(&request, request.size() > 1 ? "," : "", "\"",
                      member.name, "\":", member.value);
    }
  }
  request.push_back('}');
  const auto status = JsonStringToMessage(request, item.mutable_request());
  if (!status.ok()) {
    return absl::InvalidArgumentError(std::string(status.message()));
  }
  item.mutable_request()->MergeFrom(openai);
  return item;
}

std::string BatchResultLine(const pb::BatchResult& result,
                            absl::string_view columns) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string line;
  // Fails for an invalid Any or Timestamp only, which no result has.
  const auto status =
      google::protobuf::util::MessageToJsonString(result, &line, options);
  if (!status.ok()) line = "{}";
  if (!columns.empty() && line.size() > 2) {
    line.pop_back();
    absl::StrAppend(&line, ",\"columns\":", columns, "}");
  }
  line.push_back('\n');
  return line;
}

absl::StatusOr<pb::BatchResult> BatchResultFromJson(absl::string_view line) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  pb::BatchResult result;
  const auto status =
      JsonStringToMessage({line.data(), line.size()}, &result, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(std::string(status.message()));
  }
  return result;
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
