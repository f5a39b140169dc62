#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/validation.h"
#include "policy/catalog.h"

namespace holysheep {

// `chat` only writes, `eyes` sees too, `bare` cannot even use tools.
inline const Catalog& TestCatalog() {
  static const Catalog& catalog = *new Catalog(
      [] {
        std::vector<ModelInfo> models(3);
        models[0].id = "chat";
        models[0].max_output_tokens = 8192;
        models[1].id = "eyes";
        models[1].max_output_tokens = 1000;
        models[2].id = "bare";
        const auto bit = [](Capability c) { return 1u << static_cast<int>(c); };
        models[0].capabilities = bit(Capability::kTools);
        models[1].capabilities =
            bit(Capability::kTools) | bit(Capability::kVision);
        return models;
      }(),
      "chat");
  return catalog;
}

inline RequestLimits TestLimits() {
  RequestLimits limits;
  limits.new_request_id = [] { return "made-here"; };
  return limits;
}

inline pb::InvokeRequest ParseRequest(const std::string& text) {
  pb::InvokeRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request))
      << text;
  return request;
}

inline absl::StatusOr<std::shared_ptr<const pb::InvokeRequest>> Validate(
    const std::string& text) {
  return ValidateRequest(ParseRequest(text), TestCatalog(), TestLimits());
}

}  // namespace holysheep
