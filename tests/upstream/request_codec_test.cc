#include "upstream/request_codec.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "base/errors.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "upstream/capabilities.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

uint32_t Bits(std::initializer_list<Capability> capabilities) {
  uint32_t bits = 0;
  for (const Capability capability : capabilities) {
    bits |= 1u << static_cast<int>(capability);
  }
  return bits;
}

class RequestCodecTest : public testing::Test {
 protected:
  // `all` can do everything, `none` nothing, `gpt-x` everything.
  RequestCodecTest() {
    std::vector<ModelInfo> models(3);
    models[0].id = "all";
    models[0].capabilities = (1u << kCapabilityCount) - 1;
    models[1].id = "none";
    models[2].id = "gpt-x";
    models[2].capabilities = models[0].capabilities;
    catalog_ = std::make_shared<Catalog>(models, "all");
  }

  absl::StatusOr<EncodedRequest> Encode(const std::string& text,
                                        const std::string& model = "all") {
    auto message = std::make_shared<pb::InvokeRequest>();
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, message.get()));
    ChatRequest request;
    request.message = std::move(message);
    request.catalog = catalog_;
    request.model = model;
    return EncodeRequest(request, catalog_->FindOrAssume(model), {});
  }

  // The value of the body's member; empty if there is none.
  std::string Member(const std::string& text, const std::string& name,
                     const std::string& model = "all") {
    const auto encoded = Encode(text, model);
    EXPECT_TRUE(encoded.ok()) << encoded.status();
    if (!encoded.ok()) return "";
    EXPECT_TRUE(CanonicalJson(encoded->body).ok()) << encoded->body;
    const auto members = JsonMembers(encoded->body);
    for (const JsonMember& member : *members) {
      if (member.name == name) return std::string(member.value);
    }
    return "";
  }

  std::string Messages(const std::string& text,
                       const std::string& model = "all") {
    return Member(text, "messages", model);
  }

  std::shared_ptr<const Catalog> catalog_;
};

TEST_F(RequestCodecTest, ASmallRequestIsExactlyThis) {
  const auto encoded = Encode(
      "query: 'Hallo \"Welt\"' temperature: 0.7 max_tokens: 2048 top_p: 0.95");
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->body,
            R"({"model":"all","messages":[{"role":"user",)"
            R"("content":"Hallo \"Welt\""}],"temperature":0.7,"top_p":0.95,)"
            R"("max_tokens":2048,"stream":true,)"
            R"("stream_options":{"include_usage":true}})");
  EXPECT_THAT(encoded->warnings, IsEmpty());
}

TEST_F(RequestCodecTest, EveryScalarReachesTheUpstream) {
  const std::string text =
      "query: 'q' top_k: 40 presence_penalty: -0.5 frequency_penalty: 2 "
      "seed: -9007199254740993 stop: 'a' stop: 'b' user: 'u'";
  EXPECT_EQ(Member(text, "top_k"), "40");
  EXPECT_EQ(Member(text, "presence_penalty"), "-0.5");
  EXPECT_EQ(Member(text, "frequency_penalty"), "2.0");
  EXPECT_EQ(Member(text, "seed"), "-9007199254740993");
  EXPECT_EQ(Member(text, "stop"), R"(["a","b"])");
  EXPECT_EQ(Member(text, "user"), R"("u")");
}

TEST_F(RequestCodecTest, ZeroIsSentAndUnsetIsNot) {
  EXPECT_EQ(Member("query: 'q' temperature: 0", "temperature"), "0.0");
  EXPECT_EQ(Member("query: 'q'", "temperature"), "");
  EXPECT_EQ(Member("query: 'q'", "top_k"), "");
}

TEST_F(RequestCodecTest, APlainReplyCanBeAskedFor) {
  auto message = std::make_shared<pb::InvokeRequest>();
  message->set_query("q");
  ChatRequest request;
  request.message = message;
  request.catalog = catalog_;
  request.model = "all";
  const auto encoded =
      EncodeRequest(request, *catalog_->Find("all"), {.stream = false});
  EXPECT_THAT(encoded->body, HasSubstr(R"("stream":false})"));
}

TEST_F(RequestCodecTest, ASystemPromptComesFirst) {
  EXPECT_EQ(Messages("query: 'q' system_prompt: 's'"),
            R"([{"role":"system","content":"s"},)"
            R"({"role":"user","content":"q"}])");
}

TEST_F(RequestCodecTest, EveryRoleHasItsMembers) {
  EXPECT_EQ(Messages(R"(messages { role: SYSTEM parts { text: "s" } }
                  messages { role: USER parts { text: "u" } name: "bob" }
                  messages {
                    role: ASSISTANT reasoning: "hm"
                    tool_calls { id: "c1" name: "f" arguments_json: "{\"a\":1}" }
                    tool_calls { id: "c2" name: "g" }
                  }
                  messages { role: TOOL parts { text: "42" } tool_call_id: "c1" }
                  messages { role: USER })"),
            R"([{"role":"system","content":"s"},)"
            R"({"role":"user","content":"u","name":"bob"},)"
            R"({"role":"assistant","content":null,"reasoning_content":"hm",)"
            R"("tool_calls":[{"id":"c1","type":"function","function":)"
            R"({"name":"f","arguments":"{\"a\":1}"}},)"
            R"({"id":"c2","type":"function","function":)"
            R"({"name":"g","arguments":"{}"}}]},)"
            R"({"role":"tool","content":"42","tool_call_id":"c1"},)"
            R"({"role":"user","content":""}])");
}

TEST_F(RequestCodecTest, EveryKindOfPartHasItsForm) {
  EXPECT_EQ(
      Messages(R"(messages { role: USER
          parts { text: "look" }
          parts { image { url: "https://x/i.png" detail: "low" } }
          parts { image { data: "hi" mime_type: "image/png" } }
          parts { audio { data: "hi" mime_type: "audio/x-wav" } }
          parts { audio { url: "data:audio/mpeg;base64,aGk=" } }
          parts { audio { url: "https://x/a.mp3" } }
          parts { video { url: "https://x/v.mp4" } }
          parts { document { data: "hi" mime_type: "application/pdf"
                             name: "a.pdf" } }
          parts { document { url: "https://x/d.pdf" } } })"),
      R"([{"role":"user","content":[{"type":"text","text":"look"},)"
      R"({"type":"image_url","image_url":)"
      R"({"url":"https://x/i.png","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}},)"
      R"({"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}},)"
      R"({"type":"input_audio","input_audio":{"data":"aGk=","format":"mp3"}},)"
      R"({"type":"audio_url","audio_url":{"url":"https://x/a.mp3"}},)"
      R"({"type":"video_url","video_url":{"url":"https://x/v.mp4"}},)"
      R"({"type":"file","file":{"filename":"a.pdf",)"
      R"("file_data":"data:application/pdf;base64,aGk="}},)"
      R"({"type":"file","file":{"filename":"document",)"
      R"("file_data":"https://x/d.pdf"}}]}])");
}

TEST_F(RequestCodecTest, AnOpaqueAnswerGoesBackWhereItCameFrom) {
  EXPECT_EQ(
      Messages(R"(messages { role: ASSISTANT parts { text: "t" }
          tool_calls { id: "c1" name: "f" arguments_json: "{}" }
          opaque_json: '{"reasoning_details":[{"a":1}],'
                       '"tool_calls":{"c1":{"extra_content":{"s":"x"}}}}' })"),
      R"([{"role":"assistant","content":"t","reasoning_details":[{"a":1}],)"
      R"("tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"f","arguments":"{}"},"extra_content":{"s":"x"}}]}])");
}

TEST_F(RequestCodecTest, AnOpaqueAnswerCannotChangeTheMessage) {
  for (const char* opaque :
       {R"({"role":"system"})", R"({"content":"x"})",
        R"({"reasoning_content":"x"})", R"({"tool_calls":[]})",
        R"({"tool_calls":{"c1":{"function":{}}}})", "[]", "{", "{}}"}) {
    pb::InvokeRequest request;
    pb::Message& message = *request.add_messages();
    message.set_role(pb::Message::ASSISTANT);
    message.add_tool_calls()->set_id("c1");
    message.set_opaque_json(opaque);
    const auto encoded = Encode(request.DebugString());
    ASSERT_FALSE(encoded.ok()) << opaque;
    EXPECT_THAT(DetailsOf(encoded.status()).field,
                HasSubstr("messages[0].opaque_json"));
  }
}

constexpr char kTool[] =
    R"(query: "q" tools { name: "f" description: "d" strict: true
       parameters_json: '{"type":"object"}' } )";

TEST_F(RequestCodecTest, ToolsAreFunctions) {
  EXPECT_EQ(Member(kTool, "tools"),
            R"([{"type":"function","function":{"name":"f","description":"d",)"
            R"("parameters":{"type":"object"},"strict":true}}])");
}

TEST_F(RequestCodecTest, AToolChoiceIsAWordOrAFunction) {
  const std::string tool = kTool;
  for (const std::string word : {"auto", "none", "required"}) {
    EXPECT_EQ(Member(tool + "tool_choice: '" + word + "'", "tool_choice"),
              "\"" + word + "\"");
  }
  EXPECT_EQ(Member(tool + "tool_choice: 'f'", "tool_choice"),
            R"({"type":"function","function":{"name":"f"}})");
  EXPECT_EQ(Member(tool + "parallel_tool_calls: false", "parallel_tool_calls"),
            "false");
}

TEST_F(RequestCodecTest, AResponseFormatHasItsForm) {
  EXPECT_EQ(Member("query: 'q' response_format { type: JSON_OBJECT }",
                   "response_format"),
            R"({"type":"json_object"})");
  EXPECT_EQ(Member(R"(query: 'q' response_format { type: JSON_SCHEMA
                      schema_json: '{"type":"object"}' strict: true })",
                   "response_format"),
            R"({"type":"json_schema","json_schema":{"name":"response",)"
            R"("schema":{"type":"object"},"strict":true}})");
  EXPECT_EQ(Member("query: 'q' response_format {}", "response_format"), "");
}

TEST_F(RequestCodecTest, ReasoningIsAskedForAsDocumented) {
  EXPECT_EQ(
      Member("query: 'q' reasoning { effort: 'high' }", "reasoning_effort"),
      R"("high")");
  EXPECT_EQ(Member("query: 'q' reasoning { effort: 'high' }", "thinking"), "");
  EXPECT_EQ(Member("query: 'q' reasoning { budget_tokens: 9 }", "thinking"),
            R"({"type":"enabled","budget_tokens":9})");
  EXPECT_EQ(Member("query: 'q' reasoning { enabled: true }", "thinking"),
            R"({"type":"enabled"})");
  EXPECT_EQ(Member("query: 'q' reasoning { enabled: false }", "thinking"),
            R"({"type":"disabled"})");
}

TEST_F(RequestCodecTest, ExtraParametersAreMerged) {
  const std::string text =
      R"(query: 'q' extra_params_json: '{"logit_bias":{"1":2},"top_a":1.50}')";
  EXPECT_EQ(Member(text, "logit_bias"), R"({"1":2})");
  EXPECT_EQ(Member(text, "top_a"), "1.50");
}

TEST_F(RequestCodecTest, ExtraParametersCannotReplaceAField) {
  for (const char* extra :
       {R"({"model":"gpt-4.1"})", R"({"mod\\u0065l":"gpt-4.1"})",
        R"({"stream":false})", R"({"n":5})", R"({"max_completion_tokens":9})",
        R"({"a":1,"a":2})", "[]", R"({}},"model":{})"}) {
    const auto encoded =
        Encode(std::string("query: 'q' extra_params_json: '") + extra + "'");
    ASSERT_FALSE(encoded.ok()) << extra;
    EXPECT_EQ(DetailsOf(encoded.status()).field, "extra_params_json");
  }
}

TEST_F(RequestCodecTest, ASchemaCannotBreakOutOfItsPlace) {
  const auto tool = Encode(
      R"(query: 'q' tools { name: 'f' parameters_json: '{}}],"model":"m"' })");
  EXPECT_EQ(DetailsOf(tool.status()).field, "tools[0].parameters_json");
  const auto format = Encode(
      R"(query: 'q' response_format { type: JSON_SCHEMA schema_json: '{' })");
  EXPECT_EQ(DetailsOf(format.status()).field, "response_format.schema_json");
}

TEST_F(RequestCodecTest, ANumberThatIsNoneIsRefused) {
  EXPECT_EQ(DetailsOf(Encode("query: 'q' temperature: nan").status()).field,
            "temperature");
  EXPECT_EQ(DetailsOf(Encode("query: 'q' top_p: inf").status()).field, "top_p");
}

TEST_F(RequestCodecTest, WhatAModelCannotTakeIsRefusedByField) {
  const std::pair<const char*, const char*> cases[] = {
      {"parts { image { url: 'u' } }", "messages[1].parts[1].image"},
      {"parts { audio { url: 'u' } }", "messages[1].parts[1].audio"},
      {"parts { video { url: 'u' } }", "messages[1].parts[1].video"},
      {"parts { document { url: 'u' } }", "messages[1].parts[1].document"},
      {"tool_calls { id: 'c' }", "messages[1].tool_calls"},
  };
  for (const auto& [member, field] : cases) {
    const auto encoded =
        Encode(std::string("messages { role: SYSTEM parts { text: 's' } }"
                           "messages { role: USER parts { text: 't' } ") +
                   member + "}",
               "none");
    ASSERT_FALSE(encoded.ok()) << field;
    EXPECT_EQ(ReasonOf(encoded.status()), Reason::kInvalidArgument);
    EXPECT_EQ(DetailsOf(encoded.status()).field, field);
    EXPECT_THAT(std::string(encoded.status().message()),
                HasSubstr("these models do: all, gpt-x"));
  }
  EXPECT_EQ(DetailsOf(Encode(kTool, "none").status()).field, "tools");
}

TEST_F(RequestCodecTest, WhatCanBeAdaptedIsAdaptedWithAWarning) {
  const auto reasoning =
      Encode("query: 'q' reasoning { effort: 'low' }", "none");
  ASSERT_TRUE(reasoning.ok());
  EXPECT_THAT(reasoning->body, Not(HasSubstr("effort")));
  EXPECT_THAT(reasoning->warnings,
              ElementsAre(HasSubstr("reasoning was dropped")));

  const auto history =
      Encode("messages { role: ASSISTANT reasoning: 'r' parts { text: 't' } }",
             "none");
  EXPECT_THAT(history->warnings,
              ElementsAre(HasSubstr("messages[0].reasoning was dropped")));

  const auto parallel = Encode("query: 'q' parallel_tool_calls: true");
  EXPECT_THAT(parallel->body, Not(HasSubstr("parallel")));
  EXPECT_THAT(parallel->warnings,
              ElementsAre(HasSubstr("parallel_tool_calls was dropped")));
}

TEST_F(RequestCodecTest, ParallelToolCallsNeedAModelThatLetsOneChoose) {
  std::vector<ModelInfo> models(1);
  models[0].id = "m";
  models[0].capabilities = Bits({Capability::kTools});
  catalog_ = std::make_shared<Catalog>(models, "m");
  const auto encoded =
      Encode(std::string(kTool) + "parallel_tool_calls: true", "m");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->body, Not(HasSubstr("parallel")));
  EXPECT_THAT(encoded->warnings, testing::SizeIs(1));
}

TEST_F(RequestCodecTest, JsonIsAskedForInThePromptWhereThereIsNoOtherWay) {
  const std::string format = "response_format { type: JSON_OBJECT }";
  EXPECT_THAT(Messages("query: 'q' " + format, "none"),
              HasSubstr(R"({"role":"system","content":"Answer with one JSON)"));
  EXPECT_THAT(Messages("query: 'q' system_prompt: 's' " + format, "none"),
              HasSubstr(R"("content":"s\n\nAnswer with one JSON)"));
  EXPECT_THAT(
      Messages("messages { role: SYSTEM parts { text: 's' } }" + format,
               "none"),
      HasSubstr(R"([{"role":"system","content":"s\n\nAnswer with one)"));
  EXPECT_THAT(
      Messages("messages { role: USER parts { text: 'u' } }" + format, "none"),
      HasSubstr(R"([{"role":"system","content":"Answer with one)"));
  const auto encoded = Encode("query: 'q' " + format, "none");
  EXPECT_THAT(encoded->body, Not(HasSubstr("response_format")));
  EXPECT_THAT(encoded->warnings, testing::SizeIs(1));
}

TEST_F(RequestCodecTest, ASchemaGoesIntoThePromptWhereThereIsNoOtherWay) {
  std::vector<ModelInfo> models(1);
  models[0].id = "m";
  models[0].capabilities = Bits({Capability::kJsonObject});
  catalog_ = std::make_shared<Catalog>(models, "m");
  const std::string text = R"(query: 'q' response_format { type: JSON_SCHEMA
                              schema_json: '{"type":"object"}' })";
  EXPECT_THAT(Messages(text, "m"), HasSubstr(R"({\"type\":\"object\"})"));
  EXPECT_EQ(Member(text, "response_format", "m"), R"({"type":"json_object"})");
  EXPECT_THAT(Encode(text, "m")->warnings, testing::SizeIs(1));
}

TEST_F(RequestCodecTest, OnlyOpenAisModelsKnowDevelopers) {
  const std::string text = "messages { role: DEVELOPER parts { text: 'd' } }";
  EXPECT_THAT(Messages(text, "gpt-x"), HasSubstr(R"("role":"developer")"));
  EXPECT_THAT(Messages(text, "all"), HasSubstr(R"("role":"system")"));
  EXPECT_THAT(Encode(text, "all")->warnings,
              ElementsAre(HasSubstr("messages[0].role")));
}

TEST_F(RequestCodecTest, AModelOutsideTheCatalogIsTriedWithAWarning) {
  const auto encoded = Encode(kTool, "new-model");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->body, HasSubstr(R"("model":"new-model")"));
  EXPECT_THAT(encoded->warnings,
              ElementsAre(HasSubstr("not in the catalog, and is priced at "
                                    "1.00")));
}

}  // namespace
}  // namespace holysheep
