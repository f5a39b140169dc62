#include "intake/wire_scan.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wire_format_lite.h>

#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "base/errors.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

namespace pb = node::v1;
using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;
using Kind = WireFormatLite::WireType;

std::string Varint(uint64_t number) {
  std::string bytes;
  for (; number > 127; number >>= 7) {
    bytes += static_cast<char>((number & 127) | 128);
  }
  return bytes + static_cast<char>(number);
}

std::string Tag(int field, Kind kind) {
  return Varint(WireFormatLite::MakeTag(field, kind));
}

std::string Inside(int field, const std::string& bytes) {
  return Tag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED) +
         Varint(bytes.size()) + bytes;
}

std::string Times(int count, const std::string& bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

template <typename M = pb::InvokeRequest>
absl::Status Scan(const std::string& bytes) {
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const uint8_t*>(bytes.data()),
      static_cast<int>(bytes.size()));
  return ScanWire(input, *M::descriptor());
}

std::string FieldOf(const absl::Status& status) {
  EXPECT_EQ(ReasonName(ReasonOf(status)), "INVALID_ARGUMENT");
  return DetailsOf(status).field;
}

constexpr int kMessages = pb::InvokeRequest::kMessagesFieldNumber;
constexpr int kTools = pb::InvokeRequest::kToolsFieldNumber;
constexpr int kParts = pb::Message::kPartsFieldNumber;
constexpr int kToolCalls = pb::Message::kToolCallsFieldNumber;
constexpr int kNobodyKnows = 1000;

const std::string kUnknownNumber =
    Tag(kNobodyKnows, WireFormatLite::WIRETYPE_VARINT) + Varint(0);

TEST(WireScanTest, AnOrdinaryRequestPasses) {
  pb::InvokeRequest request;
  request.set_query("Grüße");
  request.set_temperature(0.5);
  request.add_stop("x");
  request.add_messages()->add_parts()->mutable_image()->set_data("pixels");
  request.mutable_timeouts()->set_total_ms(5);
  EXPECT_TRUE(Scan(request.SerializeAsString()).ok());
  EXPECT_TRUE(Scan("").ok());
}

TEST(WireScanTest, AsManyMessagesToolsAndCallsAsMayBePassTogether) {
  pb::InvokeRequest request;
  for (int i = 0; i < 4096; ++i) {
    pb::Message& message = *request.add_messages();
    message.set_role(pb::Message::ASSISTANT);
    message.set_name("a name");
    for (int part = 0; part < 64; ++part) message.add_parts()->set_text("text");
  }
  for (int i = 0; i < 1024; ++i) {
    request.add_tools()->set_name("a tool");
    pb::ToolCall& call = *request.mutable_messages(7)->add_tool_calls();
    call.set_id("an id");
    call.set_name("a name");
    call.set_arguments_json("{}");
  }
  EXPECT_TRUE(Scan(request.SerializeAsString()).ok());
}

TEST(WireScanTest, OneEntryTooManyIsToldWithItsField) {
  const std::string empty;
  for (const int field : {kMessages, kTools, 12, 21, 26}) {
    EXPECT_TRUE(Scan(Times(4096, Inside(field, empty))).ok());
    EXPECT_EQ(
        FieldOf(Scan(Times(4097, Inside(field, empty)))),
        pb::InvokeRequest::descriptor()->FindFieldByNumber(field)->name());
  }
  const std::string calls = Times(4097, Inside(kToolCalls, empty));
  const std::string request =
      Inside(kMessages, empty) + Inside(kMessages, calls);
  EXPECT_EQ(FieldOf(Scan(request)), "messages[1].tool_calls");
  EXPECT_EQ(FieldOf(Scan<pb::BatchItem>(Inside(2, request))),
            "request.messages[1].tool_calls");
  EXPECT_EQ(
      FieldOf(Scan<pb::RunWorkflowRequest>(Times(4097, Inside(2, empty)))),
      "steps");
}

TEST(WireScanTest, WhatWouldTakeFarMoreMemoryThanBytesIsRefused) {
  const std::string parts = Times(4096, Inside(kParts, ""));
  EXPECT_EQ(FieldOf(Scan(Times(4096, Inside(kMessages, parts)))).substr(0, 9),
            "messages[");
  EXPECT_EQ(FieldOf(Scan(Times(2 << 20, kUnknownNumber) + kUnknownNumber)), "");
  EXPECT_EQ(FieldOf(Scan(Times(1 << 20, Inside(kNobodyKnows, "")) +
                         Inside(kNobodyKnows, ""))),
            "");
  EXPECT_EQ(FieldOf(Scan(Inside(kMessages, Times(2 << 20, kUnknownNumber)))),
            "messages[0]");
  // A text in the place of a number is unknown, too.
  EXPECT_FALSE(Scan(Times((1 << 20) + 1, Inside(3, ""))).ok());
  // A message that is there again and again is one message.
  EXPECT_FALSE(
      Scan<pb::BatchItem>(Times(1 << 20, Inside(2, Inside(kMessages, ""))))
          .ok());
}

TEST(WireScanTest, AFewUnknownFieldsPass) {
  const std::string group =
      Tag(kNobodyKnows, WireFormatLite::WIRETYPE_START_GROUP) + kUnknownNumber +
      Inside(5, "text") + Tag(kNobodyKnows, WireFormatLite::WIRETYPE_END_GROUP);
  EXPECT_TRUE(Scan(group + kUnknownNumber + Inside(kNobodyKnows, "x")).ok());
}

TEST(WireScanTest, WhatAnUnknownGroupHoldsCountsToo) {
  const std::string begin =
      Tag(kNobodyKnows, WireFormatLite::WIRETYPE_START_GROUP);
  const std::string end = Tag(kNobodyKnows, WireFormatLite::WIRETYPE_END_GROUP);
  EXPECT_FALSE(Scan(begin + Times(2 << 20, kUnknownNumber) + end).ok());
  EXPECT_FALSE(Scan(Times((2 << 20) + 1, begin + end)).ok());
  EXPECT_TRUE(Scan(Times(99, begin) + Times(99, end)).ok());
  EXPECT_FALSE(Scan(Times(1 << 20, begin)).ok());
  EXPECT_FALSE(Scan(Times(1 << 20, begin) + Times(1 << 20, end)).ok());
}

TEST(WireScanTest, WhatIsNoMessageIsRefused) {
  const std::string begin = Tag(5, WireFormatLite::WIRETYPE_START_GROUP);
  for (const std::string& bytes :
       {std::string("\xff\xff\xff"), std::string("\x0a\x05q"),
        std::string(1, '\0'), std::string("\x04"), begin,
        begin + Tag(6, Kind::WIRETYPE_END_GROUP),
        Tag(5, Kind::WIRETYPE_END_GROUP),
        Inside(kMessages, std::string("\x12\x05q")),
        Tag(kMessages, Kind::WIRETYPE_LENGTH_DELIMITED) +
            "\xff\xff\xff\xff\x7f",
        Inside(kMessages, std::string(1, '\0'))}) {
    EXPECT_EQ(FieldOf(Scan(bytes)), "");
  }
}

TEST(WireScanTest, WhatCanBeUnpackedPasses) {
  pb::InvokeRequest request;
  request.set_temperature(0.5);
  request.set_seed(-1);
  request.add_messages()->add_parts()->mutable_image()->set_data("pixels");
  request.add_messages()->add_tool_calls()->set_arguments_json("{}");
  request.mutable_timeouts()->set_total_ms(5);
  const std::string good = request.SerializeAsString();
  // Of texts that are not UTF-8, which the scan does not look at.
  const google::protobuf::LogSilencer quiet;
  std::mt19937 random(1);
  int unpacked = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 128);
    }
    pb::InvokeRequest read;
    if (!read.ParseFromString(bytes)) continue;
    ++unpacked;
    EXPECT_TRUE(Scan(bytes).ok()) << absl::CHexEscape(bytes);
  }
  EXPECT_GT(unpacked, 1000);
}

}  // namespace
}  // namespace holysheep
