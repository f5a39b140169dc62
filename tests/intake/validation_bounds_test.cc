#include "base/errors.h"
#include "intake/validation_support.h"

namespace holysheep {
namespace {

struct TooLong {
  const char* field;
  size_t most;
  void (*set)(pb::InvokeRequest& request, const std::string& text);
};

class LengthTest : public testing::TestWithParam<TooLong> {};

TEST_P(LengthTest, OneByteTooManyIsRefused) {
  pb::InvokeRequest request = ParseRequest("query: 'a'");
  const auto validate = [&](size_t size) {
    GetParam().set(request, std::string(size, 'x'));
    return ValidateRequest(request, TestCatalog(), TestLimits()).status();
  };
  EXPECT_TRUE(validate(GetParam().most).ok());
  const absl::Status status = validate(GetParam().most + 1);
  EXPECT_EQ(DetailsOf(status).field, GetParam().field);
}

using R = pb::InvokeRequest;
using S = std::string;
INSTANTIATE_TEST_SUITE_P(
    Texts, LengthTest,
    testing::Values(
        TooLong{"model", 256, [](R& r, const S& s) { r.set_model(s); }},
        TooLong{"request_id", 128,
                [](R& r, const S& s) { r.set_request_id(s); }},
        TooLong{"user", 512, [](R& r, const S& s) { r.set_user(s); }},
        TooLong{"tags[0]", 64,
                [](R& r, const S& s) {
                  r.clear_tags();
                  r.add_tags(s);
                }},
        TooLong{"cache.namespace", 256,
                [](R& r, const S& s) { r.mutable_cache()->set_namespace_(s); }},
        TooLong{"caller.app_id", 256,
                [](R& r, const S& s) { r.mutable_caller()->set_app_id(s); }},
        TooLong{"tools[0].name", 64,
                [](R& r, const S& s) {
                  r.clear_tools();
                  r.add_tools()->set_name(s);
                }},
        TooLong{"stop[0]", 256, [](R& r, const S& s) {
                  r.clear_stop();
                  r.add_stop(s);
                }}));

struct TooMany {
  const char* field;
  int most;
  void (*add)(pb::InvokeRequest& request, const std::string& text);
};

class CountTest : public testing::TestWithParam<TooMany> {};

TEST_P(CountTest, OneTooManyIsRefused) {
  pb::InvokeRequest request = ParseRequest("query: 'a'");
  for (int i = 0; i < GetParam().most; ++i) {
    GetParam().add(request, "x" + std::to_string(i));
  }
  EXPECT_TRUE(ValidateRequest(request, TestCatalog(), TestLimits()).ok());
  GetParam().add(request, "y");
  const auto valid = ValidateRequest(request, TestCatalog(), TestLimits());
  EXPECT_EQ(DetailsOf(valid.status()).field, GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Lists, CountTest,
    testing::Values(
        TooMany{"stop", 16, [](R& r, const S& s) { r.add_stop(s); }},
        TooMany{"fallback_models", 8,
                [](R& r, const S& s) { r.add_fallback_models(s); }},
        TooMany{"tags", 16, [](R& r, const S& s) { r.add_tags(s); }},
        TooMany{"tools", 1024,
                [](R& r, const S& s) { r.add_tools()->set_name(s); }}));

TEST(ConversationTest, ItsMessagesAndTheirCallsAreCounted) {
  pb::InvokeRequest request;
  for (int i = 0; i < 4096; ++i) {
    request.add_messages()->set_role(pb::Message::USER);
    request.mutable_messages(i)->add_parts()->set_text("a");
  }
  const auto field = [&request] {
    return DetailsOf(
               ValidateRequest(request, TestCatalog(), TestLimits()).status())
        .field;
  };
  EXPECT_EQ(field(), "");
  request.mutable_messages(2)->set_role(pb::Message::ASSISTANT);
  for (int i = 0; i < 1024; ++i) {
    pb::ToolCall& call = *request.mutable_messages(2)->add_tool_calls();
    call.set_id("a");
    call.set_name("b");
  }
  EXPECT_EQ(field(), "");
  *request.mutable_messages(2)->add_tool_calls() =
      request.messages(2).tool_calls(0);
  EXPECT_EQ(field(), "messages[2].tool_calls");
  request.mutable_messages(2)->mutable_tool_calls()->RemoveLast();
  *request.add_messages() = request.messages(0);
  EXPECT_EQ(field(), "messages");
}

}  // namespace
}  // namespace holysheep
