#include "chat/transcript.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using EventCase = pb::InvokeEvent::EventCase;

// The format of a piece: its kind (one byte, the number of its field in
// InvokeEvent), its length as a varint, and its bytes. A position is always the
// beginning of a piece or the end, because pieces are appended and read whole;
// a position stays valid while the transcript grows. A varint of 32 bits has at
// most 5 bytes.
constexpr int kMaxHeader = 1 + 5;

void AppendPiece(EventCase kind, absl::string_view bytes, std::string& out) {
  uint8_t header[kMaxHeader];
  header[0] = static_cast<uint8_t>(kind);
  const uint8_t* end = CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(bytes.size()), header + 1);
  out.append(reinterpret_cast<const char*>(header), end - header);
  out.append(bytes.data(), bytes.size());
}

struct Piece {
  EventCase kind;
  absl::string_view bytes;
};

// Removes the next piece from the front. REQUIRES: `packed` is not empty.
Piece NextPiece(absl::string_view& packed) {
  const auto* data = reinterpret_cast<const uint8_t*>(packed.data());
  CodedInputStream in(data, static_cast<int>(packed.size()));
  uint32_t kind = 0;
  uint32_t length = 0;
  in.ReadVarint32(&kind);
  in.ReadVarint32(&length);
  const size_t header = static_cast<size_t>(in.CurrentPosition());
  const Piece piece{static_cast<EventCase>(kind),
                    packed.substr(header, length)};
  packed.remove_prefix(header + length);
  return piece;
}

void SetEvent(const Piece& piece, pb::InvokeEvent& event) {
  const char* data = piece.bytes.data();
  const size_t size = piece.bytes.size();
  switch (piece.kind) {
    case pb::InvokeEvent::kText:
      return event.set_text(data, size);
    case pb::InvokeEvent::kReasoning:
      return event.set_reasoning(data, size);
    case pb::InvokeEvent::kRefusal:
      return event.set_refusal(data, size);
    default:
      event.mutable_tool_call()->ParseFromArray(data, static_cast<int>(size));
  }
}

// Appends more arguments of the same call. Returns false, and changes nothing,
// for what begins another one.
bool AppendFragment(const Piece& piece, pb::ToolCallDelta& delta) {
  pb::ToolCallDelta more;
  more.ParseFromArray(piece.bytes.data(), static_cast<int>(piece.bytes.size()));
  if (more.index() != delta.index()) return false;
  if (!more.id().empty() || !more.name().empty()) return false;
  delta.mutable_arguments_fragment()->append(more.arguments_fragment());
  if (more.incomplete()) delta.set_incomplete(true);
  return true;
}

// REQUIRES: `piece` is of the kind of `event`. Returns whether it was appended.
bool AppendToEvent(const Piece& piece, pb::InvokeEvent& event) {
  std::string* text = nullptr;
  switch (piece.kind) {
    case pb::InvokeEvent::kText:
      text = event.mutable_text();
      break;
    case pb::InvokeEvent::kReasoning:
      text = event.mutable_reasoning();
      break;
    case pb::InvokeEvent::kRefusal:
      text = event.mutable_refusal();
      break;
    default:
      return AppendFragment(piece, *event.mutable_tool_call());
  }
  text->append(piece.bytes.data(), piece.bytes.size());
  return true;
}

// The first fragment carries id and name, the others only arguments.
void FoldToolCall(const pb::ToolCallDelta& delta,
                  pb::InvokeResponse& response) {
  while (response.tool_calls_size() <= delta.index()) {
    response.add_tool_calls();
  }
  pb::ToolCall& call = *response.mutable_tool_calls(delta.index());
  if (call.id().empty()) call.set_id(delta.id());
  if (call.name().empty()) call.set_name(delta.name());
  call.mutable_arguments_json()->append(delta.arguments_fragment());
  if (delta.incomplete()) call.set_incomplete(true);
}

}  // namespace

void Transcript::Append(const pb::InvokeEvent& delta) {
  switch (delta.event_case()) {
    case pb::InvokeEvent::kText:
      return AppendPiece(pb::InvokeEvent::kText, delta.text(), packed_);
    case pb::InvokeEvent::kReasoning:
      return AppendPiece(pb::InvokeEvent::kReasoning, delta.reasoning(),
                         packed_);
    case pb::InvokeEvent::kRefusal:
      return AppendPiece(pb::InvokeEvent::kRefusal, delta.refusal(), packed_);
    case pb::InvokeEvent::kToolCall:
      return AppendPiece(pb::InvokeEvent::kToolCall,
                         delta.tool_call().SerializeAsString(), packed_);
    default:
      return;
  }
}

size_t Transcript::ReadFrom(size_t position, Visitor visit) const {
  pb::InvokeEvent event;
  while (position < end()) {
    position = ReadMerged(position, event);
    visit(event);
  }
  return position;
}

size_t Transcript::ReadOne(size_t position, pb::InvokeEvent& event) const {
  absl::string_view rest = absl::string_view(packed_).substr(position);
  SetEvent(NextPiece(rest), event);
  return end() - rest.size();
}

size_t Transcript::ReadMerged(size_t position, pb::InvokeEvent& event) const {
  absl::string_view rest = absl::string_view(packed_).substr(position);
  const Piece first = NextPiece(rest);
  SetEvent(first, event);
  size_t room = kMaxMergedBytes - std::min(first.bytes.size(), kMaxMergedBytes);
  while (!rest.empty()) {
    absl::string_view after = rest;
    const Piece piece = NextPiece(after);
    if (piece.kind != first.kind || piece.bytes.size() > room) break;
    if (!AppendToEvent(piece, event)) break;
    room -= piece.bytes.size();
    rest = after;
  }
  return end() - rest.size();
}

void FoldDelta(const pb::InvokeEvent& delta, pb::InvokeResponse& response) {
  switch (delta.event_case()) {
    case pb::InvokeEvent::kText:
      response.mutable_result()->append(delta.text());
      return;
    case pb::InvokeEvent::kReasoning:
      response.mutable_reasoning()->append(delta.reasoning());
      return;
    case pb::InvokeEvent::kRefusal:
      response.mutable_refusal()->append(delta.refusal());
      return;
    case pb::InvokeEvent::kToolCall:
      return FoldToolCall(delta.tool_call(), response);
    default:
      return;
  }
}

void FoldTranscript(absl::string_view packed, pb::InvokeResponse& response) {
  pb::InvokeEvent event;
  while (!packed.empty()) {
    const Piece piece = NextPiece(packed);
    // Most answers are all text, which need not become an event.
    if (piece.kind == pb::InvokeEvent::kText) {
      response.mutable_result()->append(piece.bytes.data(), piece.bytes.size());
      continue;
    }
    SetEvent(piece, event);
    FoldDelta(event, response);
  }
}

}  // namespace holysheep
