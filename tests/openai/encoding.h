#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"
#include "openai/request_codec.h"

namespace holysheep {

// A request with a tool, for EncodingTest::Encode.
inline constexpr char kTool[] =
    R"(query: "q" tools { name: "f" description: "d" strict: true
       parameters_json: '{"type":"object"}' } )";

inline uint32_t Bits(std::initializer_list<Capability> capabilities) {
  uint32_t bits = 0;
  for (const Capability capability : capabilities) {
    bits |= 1u << static_cast<int>(capability);
  }
  return bits;
}

class EncodingTest : public testing::Test {
 protected:
  // `all` can do everything, `none` nothing, `gpt-x` everything.
  EncodingTest() {
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
    request.target = request.catalog->TargetFor(model);
    return EncodeRequest(request, {});
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

}  // namespace holysheep
