#pragma once

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// One server-sent event. The views are valid only inside the callback.
struct SseEvent {
  absl::string_view name;  // The `event` field; empty if there was none.
  absl::string_view data;  // The `data` fields, joined by line feeds.
  absl::string_view id;    // The last `id` field of this or earlier events.
  bool stray = false;      // `data` is a line with an unknown field.
};

// Reads a text/event-stream, as the HTML standard describes it, from pieces cut
// anywhere. Comments and events without data are not reported. Not thread-safe.
// Time is linear in the bytes, however they are cut. One parser per response.
class SseParser {
 public:
  using OnEvent = absl::FunctionRef<absl::Status(const SseEvent&)>;

  // `max_event_bytes` bounds the data of an event together with the line being
  // read; the parser never holds more than a few times that. With
  // `reports_stray`, lines that the standard would drop because their field is
  // unknown are reported as well: a server in trouble may write plain text into
  // the stream.
  explicit SseParser(size_t max_event_bytes, bool reports_stray = false);

  // Reads the next piece and reports each event that it completes. The first
  // error, UPSTREAM_MALFORMED for an event over the bound or whatever
  // `on_event` returned, ends the stream: later calls return it again. The
  // parser must neither be destroyed nor fed from inside `on_event`.
  absl::Status Feed(absl::string_view piece, OnEvent on_event);

  // Whether the stream has stopped in the middle of an event.
  bool pending() const;

  // Reports that event, if it has data, as if the stream had ended it. The
  // standard would drop it, but some servers omit the last blank line.
  absl::Status Flush(OnEvent on_event);

 private:
  // Whether the data and a line of so many bytes are within the bound.
  absl::Status CheckSize(size_t line_bytes) const;
  absl::Status TakeLine(absl::string_view line, OnEvent on_event);
  absl::Status TakePartialLine(absl::string_view rest);
  absl::Status TakeField(absl::string_view line, OnEvent on_event);
  // Appends a `data` field, with a line feed before it unless it is the first.
  void AddData(absl::string_view value);
  void OwnData();
  // Reports the event, if it has data, and begins the next one.
  absl::Status Dispatch(OnEvent on_event);

  const size_t max_event_bytes_;
  const bool reports_stray_;
  // The first error, which is final.
  absl::Status status_;
  bool at_start_ = true;   // No line has been read: a byte order mark may come.
  bool after_cr_ = false;  // A line feed would belong to the last line's end.
  std::string line_;       // The beginning of a line that a piece has cut.
  // The fields of the event that is being read; the id stays for later events.
  std::string name_;
  std::string id_;
  bool has_data_ = false;
  // The data so far: a view into the piece or line_ while that is possible,
  // otherwise into owned_data_.
  absl::string_view data_;
  std::string owned_data_;
};

}  // namespace holysheep
