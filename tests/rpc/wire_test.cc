#include "rpc/wire.h"

#include <google/protobuf/util/message_differencer.h>

#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

namespace pb = node::v1;
using ::testing::HasSubstr;

grpc::ByteBuffer Bytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

TEST(WireTest, WhatIsPackedUnpacksToTheSame) {
  pb::InvokeRequest request;
  request.set_query("Grüße");
  request.add_fallback_models("gpt-4.1");
  pb::InvokeRequest unpacked;
  ASSERT_TRUE(Parse(Serialize(request), unpacked).ok());
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(request, unpacked));
}

TEST(WireTest, UnpackingFreesThePackedForm) {
  const grpc::ByteBuffer packed = Bytes("\x0a\x01q");
  pb::InvokeRequest request;
  ASSERT_TRUE(Parse(packed, request).ok());
  EXPECT_EQ(packed.Length(), 0u);
}

TEST(WireTest, WhatIsNoMessageIsAnInvalidArgument) {
  for (const char* bytes : {"\xff\xff\xff", "\x0a\x05q", "\x0a\x01\xff"}) {
    pb::InvokeRequest request;
    const absl::Status error = Parse(Bytes(bytes), request);
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(error), Reason::kInvalidArgument);
    EXPECT_THAT(std::string(error.message()), HasSubstr("InvokeRequest"));
  }
}

TEST(WireTest, TheLargestMessageIsTaken) {
  pb::InvokeRequest request;
  request.set_query(std::string(kMaxRequestBytes - 5, 'q'));
  const grpc::ByteBuffer packed = Serialize(request);
  ASSERT_EQ(packed.Length(), kMaxRequestBytes);
  EXPECT_TRUE(Parse(packed, request).ok());
}

TEST(WireTest, ALargerOneIsRefusedWithTheFieldThatTakesMostOfIt) {
  pb::InvokeRequest request;
  request.set_query("short");
  request.set_system_prompt(std::string(kMaxRequestBytes, 's'));
  request.set_user(std::string(1000, 'u'));
  const grpc::ByteBuffer packed = Serialize(request);
  const absl::Status error = Parse(packed, request);
  EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonName(ReasonOf(error)), "INVALID_ARGUMENT");
  EXPECT_EQ(DetailsOf(error).field, "system_prompt");
  EXPECT_EQ(packed.Length(), 0u);
}

TEST(WireTest, OfWhatIsRefusedTheBeginningIsThere) {
  pb::BatchItem item;
  item.set_id("its id");
  for (int i = 0; i < 4097; ++i) item.mutable_request()->add_messages();
  pb::BatchItem hollow;
  EXPECT_EQ(DetailsOf(Parse(Serialize(item), hollow)).field,
            "request.messages");
  EXPECT_EQ(hollow.id(), "its id");
  EXPECT_LT(hollow.request().messages_size(), 1000);
  item.mutable_request()->Clear();
  item.mutable_request()->set_query(std::string(kMaxRequestBytes, 'q'));
  pb::BatchItem large;
  EXPECT_FALSE(Parse(Serialize(item), large).ok());
  EXPECT_EQ(large.id(), "its id");
  EXPECT_LT(large.ByteSizeLong(), 2000u);
}

TEST(WireTest, WhereNobodySaysWhoTheyAreLessIsTaken) {
  pb::InvokeRequest request;
  request.set_query(std::string(kMaxStrangersBytes, 'q'));
  EXPECT_EQ(Parse(Serialize(request), request, kMaxStrangersBytes).code(),
            absl::StatusCode::kResourceExhausted);
  request.set_query("q");
  EXPECT_TRUE(Parse(Serialize(request), request, kMaxStrangersBytes).ok());
}

TEST(WireTest, ALargerOneThatCannotBeReadIsRefusedWithoutAField) {
  pb::InvokeRequest request;
  const absl::Status error =
      Parse(Bytes(std::string(kMaxRequestBytes + 1, '\xff')), request);
  EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailsOf(error).field, "");
}

}  // namespace
}  // namespace holysheep
