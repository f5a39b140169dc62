#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/response_codec.h"

namespace holysheep {

// What came out of one answer, its deltas in a line each.
struct Reading {
  std::string deltas;
  absl::Status status;
  pb::InvokeResponse response;
};

inline void Note(const pb::InvokeEvent& event, std::string& deltas) {
  switch (event.event_case()) {
    case pb::InvokeEvent::kText:
      absl::StrAppend(&deltas, "text ", event.text(), "\n");
      break;
    case pb::InvokeEvent::kReasoning:
      absl::StrAppend(&deltas, "reasoning ", event.reasoning(), "\n");
      break;
    case pb::InvokeEvent::kToolCall:
      absl::StrAppend(&deltas, "call ", event.tool_call().index(), " ",
                      event.tool_call().id(), " ", event.tool_call().name(),
                      " ", event.tool_call().arguments_fragment(),
                      event.tool_call().incomplete() ? "(incomplete)" : "",
                      "\n");
      break;
    case pb::InvokeEvent::kRefusal:
      absl::StrAppend(&deltas, "refusal ", event.refusal(), "\n");
      break;
    default:
      absl::StrAppend(&deltas, "unexpected\n");
  }
}

inline Reading Read(const std::vector<absl::string_view>& pieces,
                    AnswerReaderOptions options = {}) {
  Reading reading;
  const auto note = [&](const pb::InvokeEvent& event) {
    Note(event, reading.deltas);
  };
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader(std::move(options), random);
  for (const absl::string_view piece : pieces) {
    reading.status = reader->Feed(piece, note);
    if (!reading.status.ok()) return reading;
  }
  auto response = reader->Finish(note);
  reading.status = response.status();
  if (response.ok()) reading.response = *std::move(response);
  return reading;
}

inline Reading ReadOne(absl::string_view body) { return Read({body}); }

inline std::string Chunk(absl::string_view delta) {
  return absl::StrCat(R"(data: {"choices":[{"index":0,"delta":)", delta,
                      "}]}\n\n");
}

inline std::string Finish(absl::string_view reason) {
  return absl::StrCat(R"(data: {"choices":[{"delta":{},"finish_reason":")",
                      reason, "\"}]}\n\n");
}

}  // namespace holysheep
