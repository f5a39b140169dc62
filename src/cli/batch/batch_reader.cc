#include "cli/batch/batch_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "cli/batch/batch_csv.h"
#include "cli/batch/batch_json.h"
#include "cli/batch/record_input.h"
#include "cli/batch/text_encoding.h"

namespace holysheep::cli {
namespace {

// The id comes first in a message, so that the service can read it even if the
// rest is too large (rpc/wire.cc).
constexpr size_t kMaxIdBytes = 1024;

// The conditions on any item, whatever its format. MergeFrom appends to lists
// and replaces scalars, hence the two defaults that are cleared before.
absl::StatusOr<pb::BatchItem> Complete(absl::StatusOr<pb::BatchItem> read,
                                       const pb::InvokeRequest& defaults,
                                       int64_t line) {
  if (!read.ok()) return read;
  pb::BatchItem& item = *read;
  if (item.id().empty()) item.set_id(absl::StrCat(line));
  if (item.id().size() > kMaxIdBytes) {
    return absl::InvalidArgumentError("the id is longer than 1024 bytes");
  }
  if (IsBlank(item.request().query()) && item.request().messages().empty()) {
    return absl::InvalidArgumentError("there is no query");
  }
  pb::InvokeRequest request = defaults;
  if (item.request().messages_size() > 0) request.clear_system_prompt();
  if (item.request().tags_size() > 0) request.clear_tags();
  request.MergeFrom(item.request());
  *item.mutable_request() = std::move(request);
  return read;
}

// Formats in which a line is an item: JSON, or the question itself.
class LineReader final : public BatchReader {
 public:
  LineReader(bool json, const pb::InvokeRequest& defaults, std::streambuf& in)
      : json_(json), defaults_(defaults), lines_(in) {}

  std::optional<BatchRecord> Next() override {
    while (auto line = lines_.Next()) {
      if (line->ok() && IsBlank(**line)) continue;
      return BatchRecord{lines_.number(), Complete(Read(*std::move(line)),
                                                   defaults_, lines_.number())};
    }
    return std::nullopt;
  }

  const CsvColumns& columns() const override { return columns_; }

 private:
  absl::StatusOr<pb::BatchItem> Read(absl::StatusOr<std::string> line) const {
    if (!line.ok()) return line.status();
    if (!IsUtf8(*line)) return absl::InvalidArgumentError(NotUtf8(*line));
    if (json_) return BatchItemFromJson(*line);
    pb::BatchItem item;
    item.mutable_request()->set_query(*std::move(line));
    return item;
  }

  const bool json_;
  const pb::InvokeRequest defaults_;
  LineInput lines_;
  const CsvColumns columns_;  // none
};

bool IsBlankRow(const CsvInput::Row& row) {
  return std::all_of(row.begin(), row.end(),
                     [](const std::string& cell) { return IsBlank(cell); });
}

class CsvReader final : public BatchReader {
 public:
  CsvReader(const InputDress& dress, const pb::InvokeRequest& defaults,
            std::streambuf& in)
      : dress_(dress), defaults_(defaults), rows_(in, dress.delimiter) {}

  absl::Status ReadHeader() {
    if (dress_.has_separator_line) rows_.SkipLine();
    const auto row = rows_.Next();
    if (!row) return absl::InvalidArgumentError("there is no header row");
    if (!row->ok()) return row->status();
    auto columns = CsvColumns::Parse(**row, dress_);
    if (!columns.ok()) return columns.status();
    columns_ = *std::move(columns);
    return absl::OkStatus();
  }

  std::optional<BatchRecord> Next() override {
    auto row = rows_.Next();
    while (row && row->ok() && IsBlankRow(**row)) row = rows_.Next();
    if (!row) return std::nullopt;
    absl::StatusOr<pb::BatchItem> item =
        row->ok() ? columns_.Read(**row) : row->status();
    BatchRecord record{rows_.number(),
                       Complete(std::move(item), defaults_, rows_.number())};
    if (record.item.ok()) {
      record.cells = **std::move(row);
      record.cells.resize(columns_.names().size());
    }
    if (rows_.has_stray_quote()) {
      record.note =
          "a quote inside a field that is not quoted is read as a character";
    }
    return record;
  }

  const CsvColumns& columns() const override { return columns_; }

 private:
  const InputDress dress_;
  const pb::InvokeRequest defaults_;
  CsvInput rows_;
  CsvColumns columns_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BatchReader>> NewBatchReader(
    const InputDress& dress, const pb::InvokeRequest& defaults,
    std::streambuf& in) {
  if (dress.format != BatchFormat::kCsv) {
    return std::make_unique<LineReader>(dress.format == BatchFormat::kJsonLines,
                                        defaults, in);
  }
  auto reader = std::make_unique<CsvReader>(dress, defaults, in);
  const absl::Status status = reader->ReadHeader();
  if (!status.ok()) return status;
  return reader;
}

}  // namespace holysheep::cli
