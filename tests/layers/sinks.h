#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chat/answer.h"
#include "chat/attempt_sink.h"
#include "chat/call_sink.h"
#include "chat/charge_sink.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// Keeps what is charged.
struct ChargeLog final : ChargeSink {
  struct Entry {
    absl::Time when;
    std::string model;
    std::string caller;
    std::string app;
    // Without its names, which are views.
    Charge charge;
  };

  void Add(absl::Time when, const Charge& charge) override {
    Entry& entry = entries.emplace_back(Entry{when, std::string(charge.model),
                                              std::string(charge.caller),
                                              std::string(charge.app), charge});
    entry.charge.model = "";
    entry.charge.caller = "";
    entry.charge.app = "";
  }

  std::vector<Entry> entries;
};

// Keeps what attempts came to.
struct AttemptLog final : AttemptSink {
  struct Entry {
    absl::Status status;
    bool retry;
    absl::Duration duration;
  };
  void RecordAttempt(const AttemptRecord& attempt) override {
    entries.push_back({attempt.status, attempt.retry, attempt.duration});
  }
  std::vector<Entry> entries;
};

// Keeps what calls came to.
struct CallLog final : CallSink {
  struct Entry {
    absl::Status status;
    std::optional<pb::InvokeResponse> response;
    absl::Duration latency;
  };

  void Record(const CallRecord& call) override {
    Entry& entry = entries.emplace_back();
    entry.status = call.status;
    if (call.answer != nullptr) entry.response = ToResponse(*call.answer);
    entry.latency = call.latency;
  }

  std::vector<Entry> entries;
};

}  // namespace holysheep
