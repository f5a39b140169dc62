#include "intake/wire_scan.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "intake/validation_checks.h"

namespace holysheep {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

// The limit of protobuf itself.
constexpr int kMaxDepth = 100;

// Estimates in bytes: a number, the object of a text, a message and each of its
// fields, an element of a packed field for each byte on the wire, and an
// unknown field.
constexpr size_t kNumber = 16;
constexpr size_t kText = 64;
constexpr size_t kMessage = 48;
constexpr size_t kFieldBytes = 24;
constexpr size_t kPackedByte = 8;
constexpr size_t kUnknown = 64;

// `taken_` and `depth_` bound the work. Fields of a wrong wire type count as
// unknown, because protobuf keeps them so.
class Scan {
 public:
  Scan(google::protobuf::io::CodedInputStream& input, const Descriptor& type)
      : input_(input), type_(type) {}

  absl::Status Run() { return Fields(&type_, nullptr, 0); }

 private:
  // The place of a field; a null `parent` stands for the message itself.
  struct Place {
    const FieldPath* parent;
    const FieldDescriptor* field;  // null: unknown
    int index;                     // -1: not repeated
  };

  // Reads to the end of the message or, if `group` is not 0, of that group. All
  // fields of a null `type` are unknown.
  absl::Status Fields(const Descriptor* type, const FieldPath* path,
                      int group) {
    if (++depth_ > kMaxDepth) return Broken();
    absl::InlinedVector<int, 32> counts(type == nullptr ? 0
                                                        : type->field_count());
    while (const uint32_t tag = input_.ReadTag()) {
      const auto kind = WireFormatLite::GetTagWireType(tag);
      if (kind == WireFormatLite::WIRETYPE_END_GROUP) {
        --depth_;
        return group != 0 && WireFormatLite::GetTagFieldNumber(tag) == group
                   ? absl::OkStatus()
                   : Broken();
      }
      Place place = {path, Known(type, tag), -1};
      if (place.field != nullptr && place.field->is_repeated()) {
        place.index = counts[place.field->index()]++;
        if (place.index >= kMaxEntries) return TooMany(place);
      }
      const absl::Status status = Value(tag, place);
      if (!status.ok()) return status;
    }
    --depth_;
    return group == 0 && input_.ConsumedEntireMessage() ? absl::OkStatus()
                                                        : Broken();
  }

  // Returns null if the field would be kept as unknown.
  static const FieldDescriptor* Known(const Descriptor* type, uint32_t tag) {
    if (type == nullptr) return nullptr;
    const FieldDescriptor* field =
        type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) return nullptr;
    const auto kind = WireFormatLite::GetTagWireType(tag);
    const auto usual = WireFormatLite::WireTypeForFieldType(
        static_cast<WireFormatLite::FieldType>(field->type()));
    const bool packed = field->is_packable() &&
                        kind == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    return kind == usual || packed ? field : nullptr;
  }

  absl::Status Value(uint32_t tag, const Place& place) {
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return Delimited(place);
      case WireFormatLite::WIRETYPE_START_GROUP: {
        const absl::Status status = Take(kUnknown, place);
        if (!status.ok()) return status;
        return Fields(nullptr, place.parent,
                      WireFormatLite::GetTagFieldNumber(tag));
      }
      default:
        if (!WireFormatLite::SkipField(&input_, tag)) return Broken();
        return Take(place.field == nullptr ? kUnknown : kNumber, place);
    }
  }

  absl::Status Delimited(const Place& place) {
    int size = 0;
    if (!input_.ReadVarintSizeAsInt(&size)) return Broken();
    const bool is_message =
        place.field != nullptr &&
        place.field->type() == FieldDescriptor::TYPE_MESSAGE;
    const absl::Status status =
        Take(CostOf(place.field, static_cast<size_t>(size)), place);
    if (!status.ok()) return status;
    if (is_message) return Inside(place, size);
    return input_.Skip(size) ? absl::OkStatus() : Broken();
  }

  absl::Status Inside(const Place& place, int size) {
    const auto outer = input_.PushLimit(size);
    const FieldPath path = PathOf(place);
    absl::Status status = Fields(place.field->message_type(), &path, 0);
    if (status.ok() && input_.BytesUntilLimit() != 0) status = Broken();
    input_.PopLimit(outer);
    return status;
  }

  // The estimate for a field with a length, in addition to the bytes of a text.
  static size_t CostOf(const FieldDescriptor* field, size_t size) {
    if (field == nullptr) return kUnknown + kText;
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      return kMessage + kFieldBytes * field->message_type()->field_count();
    }
    return field->is_packable() ? kPackedByte * size : kText;
  }

  absl::Status Take(size_t bytes, const Place& place) {
    taken_ += bytes;
    if (taken_ <= kMaxFieldBytes) return absl::OkStatus();
    constexpr absl::string_view kWhy =
        "the message has so many fields that they would take far more memory "
        "than its bytes";
    if (place.field != nullptr) return Refuse(PathOf(place), kWhy);
    return place.parent != nullptr ? Refuse(*place.parent, kWhy)
                                   : MakeError(Reason::kInvalidArgument, kWhy);
  }

  static FieldPath PathOf(const Place& place) {
    return place.parent == nullptr
               ? FieldPath(place.field->name(), place.index)
               : FieldPath(*place.parent, place.field->name(), place.index);
  }

  static absl::Status TooMany(const Place& place) {
    return Refuse(PathOf({place.parent, place.field, -1}),
                  absl::StrCat("must be at most ", kMaxEntries, ", are more"));
  }

  absl::Status Broken() const { return NoSuchMessage(type_); }

  google::protobuf::io::CodedInputStream& input_;
  const Descriptor& type_;
  int depth_ = 0;
  size_t taken_ = 0;
};

}  // namespace

absl::Status NoSuchMessage(const Descriptor& type) {
  return MakeError(Reason::kInvalidArgument,
                   absl::StrCat("not a valid ", type.name(),
                                ", or one of its texts is not UTF-8"));
}

absl::Status ScanWire(google::protobuf::io::CodedInputStream& input,
                      const Descriptor& type) {
  return Scan(input, type).Run();
}

}  // namespace holysheep
