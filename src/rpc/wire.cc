#include "rpc/wire.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "intake/wire_scan.h"

namespace holysheep {
namespace {

using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;

// Enough for the fields that identify a refused message, such as its id.
constexpr size_t kBeginning = 1024;

// Returns the number of the largest field of a message, as far as it can be
// read; 0 if there is none. Copies nothing. The name of that field tells a
// caller what to shorten.
int LargestField(grpc::ByteBuffer& packed) {
  grpc::ProtoBufferReader reader(&packed);
  google::protobuf::io::CodedInputStream input(&reader);
  int largest = 0;
  int most = 0;
  while (const uint32_t tag = input.ReadTag()) {
    const int start = input.CurrentPosition();
    if (!WireFormatLite::SkipField(&input, tag)) break;
    const int bytes = input.CurrentPosition() - start;
    if (bytes <= most) continue;
    most = bytes;
    largest = WireFormatLite::GetTagFieldNumber(tag);
  }
  return largest;
}

absl::Status TooLarge(grpc::ByteBuffer& packed, const Message& message,
                      size_t max_bytes) {
  const google::protobuf::FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByNumber(LargestField(packed));
  ErrorDetails details;
  if (field != nullptr) details.field = field->name();
  return MakeError(
      Reason::kMessageTooLarge,
      absl::StrCat("the message has ", packed.Length(), " bytes; at most ",
                   max_bytes, " are taken",
                   field == nullptr
                       ? ""
                       : absl::StrCat(". Most of it is in ", field->name())),
      details);
}

// Returns OK if the message may be unpacked.
absl::Status CheckPacked(grpc::ByteBuffer& packed, const Message& message,
                         size_t max_bytes) {
  if (packed.Length() > max_bytes) return TooLarge(packed, message, max_bytes);
  grpc::ProtoBufferReader reader(&packed);
  google::protobuf::io::CodedInputStream input(&reader);
  return ScanWire(input, *message.GetDescriptor());
}

// Reads as far as possible. From a copy, because the parser would continue in
// the stream.
void UnpackBeginning(grpc::ByteBuffer& packed, Message& message) {
  grpc::ProtoBufferReader reader(&packed);
  google::protobuf::io::CodedInputStream input(&reader);
  std::string beginning;
  input.ReadString(&beginning,
                   static_cast<int>(std::min(packed.Length(), kBeginning)));
  message.ParsePartialFromString(beginning);
}

}  // namespace

absl::Status Parse(const grpc::ByteBuffer& packed, Message& message,
                   size_t max_bytes) {
  auto& owned = const_cast<grpc::ByteBuffer&>(packed);
  absl::Status good = CheckPacked(owned, message, max_bytes);
  if (!good.ok()) {
    UnpackBeginning(owned, message);
    owned.Clear();
    return good;
  }
  using Traits = grpc::SerializationTraits<Message>;
  if (Traits::Deserialize(&owned, &message).ok()) return absl::OkStatus();
  return NoSuchMessage(*message.GetDescriptor());
}

grpc::ByteBuffer Serialize(const Message& message) {
  grpc::ByteBuffer packed;
  bool own_buffer;
  grpc::SerializationTraits<Message>::Serialize(message, &packed, &own_buffer);
  return packed;
}

}  // namespace holysheep
