#include "chat/prompt_estimate.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

int64_t Estimate(const char* request) {
  pb::InvokeRequest parsed;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, &parsed));
  return EstimatePromptTokens(parsed);
}

struct Case {
  const char* what;
  const char* request;
  int64_t tokens;
};

class PromptEstimateTest : public testing::TestWithParam<Case> {};

TEST_P(PromptEstimateTest, CountsEachTextAndWhatTheFormatAdds) {
  EXPECT_EQ(Estimate(GetParam().request), GetParam().tokens) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, PromptEstimateTest,
    testing::Values(
        Case{"a query: 5 bytes are 2 tokens", "query: 'Hallo'", 2 + 4 + 3},
        Case{"bytes count, not characters", "query: '日本'", 2 + 4 + 3},
        Case{"the system prompt is a message of its own",
             "query: 'Hallo' system_prompt: 'Be kind.'", 2 + 4 + 2 + 4 + 3},
        Case{"texts of a message are rounded up one by one",
             "messages {role: USER parts {text: 'a'} parts {text: 'b'}}",
             1 + 1 + 4 + 3},
        Case{"a medium has a price of its own, whatever its size",
             "messages {role: USER parts {text: 'a'} "
             "parts {image {url: 'https://x/y.png'}} "
             "parts {document {data: 'zz' mime_type: 'application/pdf'}}}",
             1 + 1000 + 1000 + 4 + 3},
        Case{"what an assistant did is sent again",
             "messages {role: ASSISTANT reasoning: 'hmmm' opaque_json: '{}' "
             "tool_calls {id: 'call_1' name: 'look' arguments_json: '{}'}}",
             1 + 1 + 1 + 1 + 4 + 3},
        Case{"parts for the caller are not sent again",
             "messages {role: ASSISTANT opaque_json: "
             "'{\"s\":\"12\",\"images\":[\"0123456789\"],"
             "\"for_caller_only\":[\"images\"]}'}",
             2 + 4 + 3},
        Case{"tools are text",
             "query: 'Hallo' tools {name: 'look' description: 'Looks.' "
             "parameters_json: '{}'}",
             1 + 2 + 1 + 2 + 4 + 3},
        Case{"so is a schema of the answer",
             "query: 'Hallo' response_format {schema_json: '{}'}",
             1 + 2 + 4 + 3}));

}  // namespace
}  // namespace holysheep
