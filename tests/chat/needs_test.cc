#include "chat/needs.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

pb::InvokeRequest ParseRequest(const char* text) {
  pb::InvokeRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
  return request;
}

std::vector<std::string> PathsOf(const char* request) {
  std::vector<std::string> paths;
  for (const Need& need : NeedsOf(ParseRequest(request))) {
    paths.push_back(need.Path());
  }
  return paths;
}

Catalog Two() {
  std::vector<ModelInfo> models(2);
  models[0].id = "blind";
  models[1].id = "eyes";
  models[1].capabilities = 1u << static_cast<int>(Capability::kVision);
  return Catalog(models, "blind");
}

constexpr char kImage[] =
    "messages { parts { text: 'a' } parts { image { url: 'u' } } }";

TEST(NeedsTest, TextNeedsNothing) {
  EXPECT_THAT(PathsOf("query: 'a'"), IsEmpty());
  EXPECT_THAT(PathsOf("reasoning { enabled: false effort: 'low' }"), IsEmpty());
}

TEST(NeedsTest, EachCapabilityIsNeededOnceByTheFirstFieldThatAsksForIt) {
  EXPECT_THAT(PathsOf("messages { parts { image { url: 'a' } }"
                      "           parts { image { url: 'b' } } } "
                      "messages { role: TOOL parts { audio { url: 'c' } } } "
                      "tools { name: 't' }"),
              ElementsAre("messages[0].parts[0].image",
                          "messages[1].parts[0].audio", "messages[1].role"));
}

TEST(NeedsTest, WhatCanBeAskedInAnotherWayIsAdaptable) {
  const Needs needs = NeedsOf(ParseRequest(
      "query: 'a' parallel_tool_calls: true reasoning { effort: 'low' } "
      "response_format { type: JSON_SCHEMA } tools { name: 't' }"));
  ASSERT_EQ(needs.size(), 4u);
  EXPECT_FALSE(needs[0].adaptable);
  for (size_t i = 1; i < needs.size(); ++i) EXPECT_TRUE(needs[i].adaptable);
}

TEST(NeedsTest, AModelIsRefusedWithTheFieldAndTheModelsThatCan) {
  const Catalog catalog = Two();
  const absl::Status error =
      CheckNeeds(ParseRequest(kImage), catalog.models()[0], catalog);
  EXPECT_EQ(DetailsOf(error).field, "messages[0].parts[1].image");
  EXPECT_THAT(std::string(error.message()),
              testing::EndsWith(
                  "blind does not support vision; these models do: eyes"));
  EXPECT_TRUE(
      CheckNeeds(ParseRequest(kImage), catalog.models()[1], catalog).ok());
}

}  // namespace
}  // namespace holysheep
