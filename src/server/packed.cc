#include "server/packed.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
namespace {

using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;

// The number of the field that takes most of a message, as far as it can be
// read; 0 if there is none. Nothing of it is copied.
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

absl::Status TooLarge(grpc::ByteBuffer& packed, const Message& message) {
  const google::protobuf::FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByNumber(LargestField(packed));
  ErrorDetails details;
  if (field != nullptr) details.field = field->name();
  return MakeError(
      Reason::kMessageTooLarge,
      absl::StrCat("the message has ", packed.Length(), " bytes; at most ",
                   kMaxRequestBytes, " are taken",
                   field == nullptr
                       ? ""
                       : absl::StrCat(". Most of it is in ", field->name())),
      details);
}

}  // namespace

absl::Status Unpack(const grpc::ByteBuffer& packed, Message& message) {
  auto& owned = const_cast<grpc::ByteBuffer&>(packed);
  if (packed.Length() > kMaxRequestBytes) {
    absl::Status error = TooLarge(owned, message);
    owned.Clear();
    return error;
  }
  using Traits = grpc::SerializationTraits<Message>;
  if (Traits::Deserialize(&owned, &message).ok()) return absl::OkStatus();
  return MakeError(Reason::kInvalidArgument,
                   absl::StrCat("this is no ", message.GetDescriptor()->name(),
                                ", or one of its texts is not UTF-8"));
}

grpc::ByteBuffer Pack(const Message& message) {
  grpc::ByteBuffer packed;
  bool own_buffer;
  grpc::SerializationTraits<Message>::Serialize(message, &packed, &own_buffer);
  return packed;
}

}  // namespace holysheep
