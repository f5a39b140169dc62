#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chat/answer.h"
#include "chat/backend.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// Keeps what an observer hears, and drops its call at the end, as a reactor
// does. The answer's end is kept as it leaves the service.
struct Listener final : ChatObserver {
  void OnDelta(const pb::InvokeEvent& delta) override {
    if (delta.has_started()) {
      started = delta.started();
      return;
    }
    chunks.push_back(delta.text());
    FoldDelta(delta, answer);
  }
  void OnDone(absl::StatusOr<Answer> outcome) override {
    ++ends;
    if (outcome.ok()) {
      result = ToResponse(*std::move(outcome));
    } else {
      result = outcome.status();
    }
    call.reset();
  }

  bool ok() const { return result.has_value() && result->ok(); }
  absl::Status status() const { return result->status(); }

  std::optional<pb::Started> started;
  std::vector<std::string> chunks;
  pb::InvokeResponse answer;
  std::optional<absl::StatusOr<pb::InvokeResponse>> result;
  int ends = 0;
  std::unique_ptr<ChatCall> call;
};

}  // namespace holysheep
