#pragma once

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "sim/behaviour.h"

// How the tests of plans look at them.
namespace holysheep::sim {

// All that a plan sends.
inline std::string TextOf(const Plan& plan) {
  std::string text = plan.head;
  for (const Write& write : plan.body) text += write.bytes;
  return text;
}

// The data of the events of a plan, in order.
inline std::vector<std::string> EventsOf(const Plan& plan) {
  std::vector<std::string> events;
  const std::string text = TextOf(plan);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "data: ")) {
      events.emplace_back(line.substr(6));
    }
  }
  return events;
}

// From the request to the plan's end.
inline absl::Duration LengthOf(const Plan& plan) {
  absl::Duration length = plan.delay;
  for (const Write& write : plan.body) length += write.delay;
  return length;
}

inline ChatQuestion Question(bool stream) {
  ChatQuestion question;
  question.model = "gpt-4.1";
  question.prompt = "a b c d e f";
  question.prompt_tokens = 6;
  question.stream = stream;
  return question;
}

// The plan for `question`, ten seconds after the behaviour began.
inline Plan PlanFor(const ChatQuestion& question, const Choice& choice,
                    const Settings& settings = {}) {
  const absl::Time since = absl::FromUnixSeconds(1'750'000'000);
  return PlanChat(question, {.settings = settings,
                             .choice = choice,
                             .latency = settings.latency.Quantile(0.5),
                             .now = since + absl::Seconds(10),
                             .since = since,
                             .request_id = "req-1"});
}

}  // namespace holysheep::sim
