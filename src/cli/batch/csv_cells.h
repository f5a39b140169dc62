#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"

// What single cells of a CSV file mean. Pure functions.
namespace holysheep::cli {

namespace pb = node::v1;

// Returns the field that a column or a `--column` names: id, query (also
// `prompt`), system_prompt (also `system`), model, temperature, max_tokens,
// top_p, top_k, presence_penalty, frequency_penalty, seed or user, in any case;
// empty for any other name.
absl::string_view RequestField(absl::string_view name);
// All fields, for messages.
std::string RequestFields();

// Sets a field of RequestField from a cell that is not empty. Only the form is
// checked; ranges are the service's affair. With `decimal_comma` a number may
// be `0,5`. Whole numbers may be `100.0`, as spreadsheets write them.
absl::Status SetRequestField(absl::string_view field, const std::string& cell,
                             bool decimal_comma, pb::BatchItem& item);

// Returns the delimiter that a flag or `sep=` names: one character, or the word
// comma, semicolon, tab or pipe. kInvalidArgument for anything else, for quotes
// and for line ends.
absl::StatusOr<char> DelimiterOf(absl::string_view name);
// The name of a delimiter, for messages.
std::string DelimiterName(char delimiter);

// Appends a row as Excel writes it: a cell with the delimiter, a quote, a line
// end, or blanks around it is quoted; the row ends with CRLF.
void AppendCsvRow(const std::vector<std::string>& cells, char delimiter,
                  std::string& text);

}  // namespace holysheep::cli
