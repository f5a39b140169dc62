#include "http/sse_parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/strip.h"
#include "http/answer_bound.h"

namespace holysheep {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The next position of one byte in a piece. Looks at every byte of the piece at
// most once, however often it is asked.
class Finder {
 public:
  Finder(absl::string_view piece, char wanted)
      : piece_(piece), wanted_(wanted), found_(Search(0)) {}

  // Returns the first position at or after `from`, which must not decrease;
  // npos if there is none.
  size_t At(size_t from) {
    if (found_ < from) found_ = Search(from);
    return found_;
  }

 private:
  size_t Search(size_t from) const { return piece_.find(wanted_, from); }

  const absl::string_view piece_;
  const char wanted_;
  size_t found_;
};

}  // namespace

// Between two calls of Feed `data_` never points into a piece: it is empty or
// in `owned_data_`. `line_` holds the beginning of an unfinished line and is
// empty otherwise. An event that fits into one piece is reported without a
// copy.

SseParser::SseParser(size_t max_event_bytes, bool reports_stray)
    : max_event_bytes_(max_event_bytes), reports_stray_(reports_stray) {}

absl::Status SseParser::Feed(absl::string_view piece, OnEvent on_event) {
  if (!status_.ok() || piece.empty()) return status_;
  Finder line_feed(piece, '\n');
  Finder carriage_return(piece, '\r');
  size_t start = 0;
  while (start < piece.size()) {
    if (std::exchange(after_cr_, false) && piece[start] == '\n') {
      ++start;
      continue;
    }
    const size_t end = std::min(line_feed.At(start), carriage_return.At(start));
    if (end == absl::string_view::npos) break;
    after_cr_ = piece[end] == '\r';
    status_ = TakeLine(piece.substr(start, end - start), on_event);
    if (!status_.ok()) return status_;
    start = end + 1;
  }
  return status_ = TakePartialLine(piece.substr(start));
}

bool SseParser::pending() const {
  return has_data_ || !(line_.empty() || line_.front() == ':');
}

absl::Status SseParser::Flush(OnEvent on_event) {
  if (!status_.ok()) return status_;
  if (!line_.empty()) status_ = TakeLine({}, on_event);
  if (status_.ok()) status_ = Dispatch(on_event);
  line_.clear();
  return status_;
}

absl::Status SseParser::CheckSize(size_t line_bytes) const {
  if (data_.size() + line_bytes <= max_event_bytes_) return absl::OkStatus();
  return AnswerTooLong(max_event_bytes_);
}

// `line` is the end of a line whose beginning may be in line_.
absl::Status SseParser::TakeLine(absl::string_view line, OnEvent on_event) {
  absl::Status status = CheckSize(line_.size() + line.size());
  if (!status.ok()) return status;
  const bool cut = !line_.empty();
  if (cut) {
    line_.append(line.data(), line.size());
    line = line_;
  }
  if (std::exchange(at_start_, false)) {
    absl::ConsumePrefix(&line, kByteOrderMark);
  }
  if (line.empty()) {
    status = Dispatch(on_event);
  } else {
    status = TakeField(line, on_event);
  }
  if (cut) {
    OwnData();
    line_.clear();
  }
  return status;
}

// `rest` is the incomplete line at the end of a piece.
absl::Status SseParser::TakePartialLine(absl::string_view rest) {
  absl::Status status = CheckSize(line_.size() + rest.size());
  if (!status.ok()) return status;
  OwnData();
  line_.append(rest.data(), rest.size());
  return absl::OkStatus();
}

absl::Status SseParser::TakeField(absl::string_view line, OnEvent on_event) {
  const size_t colon = line.find(':');
  const absl::string_view name = line.substr(0, colon);
  absl::string_view value;
  if (colon != absl::string_view::npos) {
    value = line.substr(colon + 1);
    absl::ConsumePrefix(&value, " ");
  }
  // A comment has the empty name.
  if (name == "data") {
    AddData(value);
  } else if (name == "event") {
    name_.assign(value.data(), value.size());
  } else if (name == "id" && value.find('\0') == absl::string_view::npos) {
    id_.assign(value.data(), value.size());
  } else if (name != "id" && name != "retry" && !name.empty() &&
             reports_stray_) {
    return on_event({{}, line, id_, /*stray=*/true});
  }
  return absl::OkStatus();
}

void SseParser::AddData(absl::string_view value) {
  if (!std::exchange(has_data_, true)) {
    data_ = value;
    return;
  }
  OwnData();
  owned_data_ += '\n';
  owned_data_.append(value.data(), value.size());
  data_ = owned_data_;
}

// Copies the data, so that it outlives the piece and line_.
void SseParser::OwnData() {
  if (data_.data() == owned_data_.data()) return;
  owned_data_.assign(data_.data(), data_.size());
  data_ = owned_data_;
}

absl::Status SseParser::Dispatch(OnEvent on_event) {
  absl::Status status;
  if (has_data_) status = on_event({name_, data_, id_});
  has_data_ = false;
  data_ = {};
  name_.clear();
  return status;
}

}  // namespace holysheep
