// What is adapted in the messages without a warning.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openai/encoding.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using RequestPartsTest = EncodingTest;

constexpr char kJson[] = " response_format { type: JSON_OBJECT }";

TEST_F(RequestPartsTest, TheWordJsonIsAddedWhereNoMessageHasIt) {
  EXPECT_EQ(Messages(std::string("query: 'q'") + kJson),
            R"([{"role":"system","content":"Answer in JSON."},)"
            R"({"role":"user","content":"q"}])");
  EXPECT_THAT(Messages(std::string("messages { role: SYSTEM parts { text: 's' "
                                   "} } messages { role: USER parts { text: "
                                   "'js on' } }") +
                       kJson),
              HasSubstr(R"("content":"s\n\nAnswer in JSON.")"));
  const auto encoded = Encode(std::string("query: 'q'") + kJson);
  EXPECT_THAT(encoded->warnings, IsEmpty());
  EXPECT_THAT(encoded->body,
              HasSubstr(R"("response_format":{"type":"json_object"})"));
}

TEST_F(RequestPartsTest, AnyMessageMayHaveTheWordJson) {
  for (const char* text :
       {"query: 'As JSON'", "query: 'q' system_prompt: 'jJson'",
        "query: 'j json'",
        "messages { role: USER parts { text: 'a' } parts { text: 'Json' } }",
        "messages { role: USER parts { text: 'a' } }"
        "messages { role: TOOL parts { text: 'json' } }"}) {
    EXPECT_THAT(Messages(std::string(text) + kJson),
                Not(HasSubstr("Answer in JSON")))
        << text;
  }
  EXPECT_THAT(Messages("query: 'q'"), Not(HasSubstr("JSON")));
}

TEST_F(RequestPartsTest, TheMisspelledTypeOfJpegIsMended) {
  const auto url = [this](const std::string& part) {
    return Messages("messages { role: USER parts { " + part + " } }");
  };
  EXPECT_THAT(url("image { data: 'hi' mime_type: 'image/jpg' }"),
              HasSubstr("\"data:image/jpeg;base64,aGk=\""));
  EXPECT_THAT(url("image { data: 'hi' mime_type: 'Image/JPG;q=1' }"),
              HasSubstr("\"data:image/jpeg;q=1;base64,aGk=\""));
  EXPECT_THAT(url("image { url: 'data:image/jpg;base64,aGk=' }"),
              HasSubstr("\"data:image/jpeg;base64,aGk=\""));
  EXPECT_THAT(url("image { url: 'DATA:image/Jpg,x' }"),
              HasSubstr("\"DATA:image/jpeg,x\""));
  EXPECT_THAT(url("document { data: 'hi' mime_type: 'image/jpg' }"),
              HasSubstr("\"data:image/jpeg;base64,aGk=\""));
  for (const char* other :
       {"data:image/jpgx;base64,aGk=", "https://x/data:image/jpg;a"}) {
    EXPECT_THAT(url(std::string("image { url: '") + other + "' }"),
                HasSubstr(other));
  }
}

TEST_F(RequestPartsTest, MediaOfAToolFollowInAUserMessage) {
  EXPECT_EQ(Messages(R"(
      messages { role: TOOL tool_call_id: "c1" parts { text: "shot" }
                 parts { image { url: "https://x/1" } } }
      messages { role: TOOL tool_call_id: "c2" parts { text: "42" } }
      messages { role: ASSISTANT parts { text: "a" } })"),
            R"([{"role":"tool","content":"shot","tool_call_id":"c1"},)"
            R"({"role":"tool","content":"42","tool_call_id":"c2"},)"
            R"({"role":"user","content":[{"type":"image_url","image_url":)"
            R"({"url":"https://x/1"}}]},{"role":"assistant","content":"a"}])");
}

TEST_F(RequestPartsTest, MediaOfSeveralToolsAreLabelled) {
  const auto encoded = Encode(R"(
      messages { role: TOOL tool_call_id: "c1"
                 parts { image { url: "https://x/1" } } }
      messages { role: TOOL tool_call_id: "c2"
                 parts { document { url: "https://x/2" } }
                 parts { text: "a" } parts { text: "b" } })");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->warnings, IsEmpty());
  EXPECT_THAT(encoded->body,
              HasSubstr(R"({"role":"tool","content":"The result )"
                        R"(follows in the next user message.",)"
                        R"("tool_call_id":"c1"})"));
  EXPECT_THAT(encoded->body,
              HasSubstr(R"("content":[{"type":"text","text":"a"},)"
                        R"({"type":"text","text":"b"}])"));
  EXPECT_THAT(
      encoded->body,
      HasSubstr(
          R"({"role":"user","content":[{"type":"text","text":"Result of the )"
          R"(tool call c1:"},{"type":"image_url","image_url":)"
          R"({"url":"https://x/1"}},{"type":"text","text":"Result of the )"
          R"(tool call c2:"},{"type":"file")"));
}

TEST_F(RequestPartsTest, CacheControlGoesAlongWithItsPart) {
  const std::string control = R"( cache_control_json: '{"type":"ephemeral"}' )";
  EXPECT_EQ(Messages("messages { role: SYSTEM parts { text: 's'" + control +
                     "} } messages { role: USER parts { image { url: 'u' }" +
                     control + "} }"),
            R"([{"role":"system","content":[{"type":"text","text":"s",)"
            R"("cache_control":{"type":"ephemeral"}}]},)"
            R"({"role":"user","content":[{"type":"image_url","image_url":)"
            R"({"url":"u"},"cache_control":{"type":"ephemeral"}}]}])");
}

}  // namespace
}  // namespace holysheep
