#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"
#include "json/json_writer.h"

namespace holysheep {

// The value of one member of an answer, put together from the pieces of several
// chunks. A value; not thread-safe. Internal to OpaqueParts.
class OpaqueMember {
 public:
  // How a piece joins what came before.
  enum class Join {
    kLast,    // replaces it
    kAppend,  // adds the elements of an array
    // Adds the elements of an array, unless it repeats those that came before:
    // some upstreams send all of them each time.
    kGrow,
    // Joins the members of an object: arrays and the long texts of sound are
    // appended, of others the last one holds.
    kGroup,
  };

  // Joins `piece`, at most `room` bytes of JSON, and changes `room` by what the
  // member now has more or less. Returns false, and may have joined a part, if
  // it has more bytes or is nested too deeply.
  bool Add(const JsonValue& piece, Join join, size_t& room);

  // Whether nothing has been joined yet.
  bool is_empty() const { return text_.empty() && group_.empty(); }

  // Writes the value. REQUIRES: a piece has been added.
  void Write(JsonWriter& writer) const;

 private:
  enum class Kind { kWhole, kList, kText, kGroup };

  bool AddElements(const JsonValue& list, Join join, size_t& room);
  bool AddGroup(const JsonValue& group, size_t& room);
  bool AddText(absl::string_view text, size_t& room);
  // Replaces text_.
  bool Replace(std::string text, Kind kind, size_t& room);

  Kind kind_ = Kind::kWhole;
  // JSON; of a list its elements with commas between them; of a text the text.
  std::string text_;
  std::map<std::string, OpaqueMember> group_;
};

}  // namespace holysheep
