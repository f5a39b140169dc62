// Fragments of tool calls with any mixture of indices, ids, names and
// arguments: the calls are numbered in their order and keep within the bound,
// their ids are there and differ, and arguments are JSON or called incomplete.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json_dom.h"
#include "openai/reading/tool_call_numbering.h"
#include "openai/response_codec.h"

namespace holysheep {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// What an input is made of: takes a byte after the other.
class Bytes {
 public:
  explicit Bytes(absl::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Next() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  absl::string_view Next(size_t size) {
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

 private:
  absl::string_view rest_;
};

// As the content of a JSON string; of ASCII only, since a half of a character
// is another matter.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const char ascii = static_cast<char>(c & 0x7f);
    if (ascii == '"' || ascii == '\\') quoted.push_back('\\');
    quoted.push_back(ascii < ' ' || ascii == 0x7f ? ' ' : ascii);
  }
  return quoted + "\"";
}

// One entry of `tool_calls`. The bits of a byte say which members it has.
std::string Fragment(Bytes& bytes) {
  constexpr absl::string_view kPieces[] = {
      "{", "}", "{}", "\"a\":", "1", "{\"a\":1}", "\"",        "\\",
      "[", "]", ",",  "null",   " ", "true",      "\"\\ud83d", "\\udc4d\""};
  const uint8_t members = bytes.Next();
  const uint8_t choice = bytes.Next();
  std::string fragment = "{\"type\":\"function\"";
  if (members & 1) absl::StrAppend(&fragment, ",\"index\":", choice % 4);
  if (members & 2) {
    absl::StrAppend(&fragment, ",\"id\":\"id", choice / 4 % 4, "\"");
  }
  absl::StrAppend(&fragment, ",\"function\":{");
  if (members & 4) {
    absl::StrAppend(&fragment, "\"name\":\"n", choice / 16 % 4, "\",");
  }
  if (members & 8) {
    absl::StrAppend(&fragment,
                    "\"arguments\":", Quoted(bytes.Next(members / 16)));
  } else {
    absl::StrAppend(&fragment, "\"arguments\":", Quoted(kPieces[members / 16]));
  }
  return fragment + "}}";
}

struct Call {
  std::string id;
  std::string arguments;
  bool incomplete = false;
};

class Calls {
 public:
  void Note(const pb::InvokeEvent& event) {
    if (!event.has_tool_call()) return;
    const pb::ToolCallDelta& delta = event.tool_call();
    Require(delta.index() >= 0);
    const auto index = static_cast<size_t>(delta.index());
    Require(index <= calls_.size());
    if (index == calls_.size()) calls_.emplace_back();
    Call& call = calls_[index];
    Require(delta.id().empty() || call.id.empty() || call.id == delta.id());
    if (!delta.id().empty()) call.id = delta.id();
    call.arguments += delta.arguments_fragment();
    call.incomplete |= delta.incomplete();
  }

  void Check() const {
    std::set<std::string> ids;
    Require(calls_.size() <= ToolCallNumbering::kMaxCalls);
    for (const Call& call : calls_) {
      Require(!call.id.empty() && ids.insert(call.id).second);
      Require(call.incomplete != IsJson(call.arguments));
    }
  }

 private:
  std::vector<Call> calls_;
};

void Check(Bytes bytes) {
  Calls calls;
  const auto note = [&calls](const pb::InvokeEvent& event) {
    calls.Note(event);
  };
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader(AnswerReaderOptions(), random);
  // Each fragment begins a call at most.
  for (int i = 0; i < ToolCallNumbering::kMaxCalls && !bytes.empty(); ++i) {
    const std::string event = absl::StrCat(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[",
        Fragment(bytes), "]}}]}\n\n");
    Require(reader->Feed(event, note).ok());
  }
  constexpr absl::string_view kEnd =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
      "\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
  Require(reader->Feed(kEnd, note).ok());
  Require(reader->Finish(note).ok());
  calls.Check();
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  holysheep::Check(holysheep::Bytes(
      absl::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
