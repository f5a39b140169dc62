#include "sim/behaviour.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/fault_reply.h"
#include "sim/openai_reply.h"
#include "sim/wild/wild_plan.h"

namespace holysheep::sim {
namespace {

using Faults = std::vector<Fault>;
using Events = std::vector<StreamEvent>;
using F = FaultKind;

const Fault* Find(const Faults& faults, FaultKind kind) {
  const auto found =
      std::find_if(faults.begin(), faults.end(),
                   [kind](const Fault& fault) { return fault.kind == kind; });
  return found == faults.end() ? nullptr : &*found;
}

bool Has(const Faults& faults, FaultKind kind) {
  return Find(faults, kind) != nullptr;
}

Answer AnswerFor(const ChatQuestion& question, const Situation& situation) {
  const Settings& settings = situation.settings;
  Answer answer = situation.choice.answer.has_value() ? *situation.choice.answer
                  : settings.answer.has_value()
                      ? *settings.answer
                      : DefaultAnswer(question, settings.tokens);
  const Faults& faults = situation.choice.faults;
  if (const Fault* huge = Find(faults, F::kHuge)) {
    answer.chunks.assign(static_cast<std::size_t>(huge->megabytes) * 16,
                         std::string(64 << 10, 'x'));
  }
  if (Has(faults, F::kFilteredFinish)) answer.finish_reason = "content_filter";
  if (Has(faults, F::kNoFinish)) answer.finish_reason.clear();
  if (Has(faults, F::kNoUsage)) answer.omit_usage = true;
  return answer;
}

// The place in `events` after so many tokens, at most after the last one.
Events::iterator PlaceAfter(Events& events, int tokens) {
  auto place = events.begin();
  for (; place != events.end(); ++place) {
    if (place->kind == EventKind::kRole) continue;
    if (place->kind != EventKind::kToken || tokens-- == 0) break;
  }
  return place;
}

void Stall(const Fault& fault, Events& events) {
  auto place = PlaceAfter(events, fault.after);
  if (fault.heartbeat == absl::ZeroDuration()) {
    if (place != events.end()) place->delay += fault.wait;
    return;
  }
  const auto beats = fault.wait / fault.heartbeat;
  const StreamEvent beat = {EventKind::kComment, "keep-alive", fault.heartbeat};
  events.insert(place, static_cast<std::size_t>(beats), beat);
}

void Break(const Fault& fault, Events& events) {
  const StreamEvent broken = {
      EventKind::kOther,
      "{\"id\":\"broken\",\"choices\":[{\"delta\":{\"con",
      {}};
  events.insert(PlaceAfter(events, fault.after), broken);
}

void EndInError(const Fault& fault, Events& events) {
  events.erase(PlaceAfter(events, fault.after), events.end());
  events.push_back({EventKind::kOther,
                    RenderError({"server_error", "internal_error",
                                 "The server had an error while streaming"}),
                    {}});
  if (fault.variant == "done") {
    events.push_back({EventKind::kDone, "[DONE]", {}});
  }
}

void Remove(EventKind kind, Events& events) {
  events.erase(std::remove_if(events.begin(), events.end(),
                              [kind](const StreamEvent& event) {
                                return event.kind == kind;
                              }),
               events.end());
}

void ApplyFaults(const Faults& faults, Events& events) {
  if (Has(faults, F::kNoDone)) Remove(EventKind::kDone, events);
  if (Has(faults, F::kNoFinish)) Remove(EventKind::kFinish, events);
  if (const Fault* fault = Find(faults, F::kMalformed)) Break(*fault, events);
  if (const Fault* fault = Find(faults, F::kStreamError)) {
    EndInError(*fault, events);
  }
  if (const Fault* fault = Find(faults, F::kCut)) {
    events.erase(PlaceAfter(events, fault->after), events.end());
  }
  if (const Fault* fault = Find(faults, F::kStall)) Stall(*fault, events);
}

// When the tokens come: the first, and each after it.
void SetPace(const Settings& settings, absl::Duration late, Events& events) {
  absl::Duration delay = settings.first_token + late;
  for (StreamEvent& event : events) {
    if (event.kind != EventKind::kToken) continue;
    event.delay += delay;
    delay = settings.token;
  }
}

// Pieces without a pause between them go out in one write.
std::vector<Write> Encode(const Events& events, const SseStyle& style) {
  std::vector<Write> writes;
  for (const StreamEvent& event : events) {
    if (writes.empty() || event.delay > absl::ZeroDuration()) {
      writes.push_back({.delay = event.delay, .bytes = {}});
    }
    Write& write = writes.back();
    write.bytes += event.kind == EventKind::kComment
                       ? EncodeComment(event.data, style)
                       : EncodeEvent(event.data, style);
    if (event.kind == EventKind::kToken) ++write.tokens;
  }
  return writes;
}

Plan PlanStream(const ChatQuestion& question, const Answer& answer,
                const Situation& situation) {
  const Faults& faults = situation.choice.faults;
  Events events = RenderStream(question, answer);
  const Fault* late = Find(faults, F::kLate);
  const bool late_head = late != nullptr && late->variant == "headers";
  SetPace(situation.settings,
          late != nullptr && !late_head ? late->wait : absl::ZeroDuration(),
          events);
  ApplyFaults(faults, events);

  Head head;
  head.content_type = "text/event-stream";
  head.request_id = situation.request_id;
  const Fault* cut = Find(faults, F::kCut);
  const bool until_close =
      !situation.chunked || (cut != nullptr && cut->variant == "close");
  Plan plan =
      StreamedPlan(head,
                   Encode(events, {.crlf = Has(faults, F::kCrlf),
                                   .comments = Has(faults, F::kComments),
                                   .split_data = Has(faults, F::kSplitData)}),
                   until_close ? Framing::kClose : Framing::kChunked,
                   cut == nullptr || cut->variant == "clean");
  if (cut != nullptr && cut->variant == "reset") plan.ending = Ending::kReset;
  plan.delay = situation.latency;
  if (late_head) plan.delay += late->wait;
  return plan;
}

// Cuts the body of a whole response in the middle: for good, or for a while.
void BreakInTwo(const Faults& faults, Plan& plan) {
  std::string& bytes = plan.body.front().bytes;
  if (const Fault* cut = Find(faults, F::kCut)) {
    bytes.resize(bytes.size() / 2);
    plan.ending = cut->variant == "reset" ? Ending::kReset : Ending::kClose;
  } else if (const Fault* stall = Find(faults, F::kStall)) {
    std::string rest = bytes.substr(bytes.size() / 2);
    bytes.resize(bytes.size() / 2);
    plan.body.push_back({.delay = stall->wait, .bytes = std::move(rest)});
  }
}

Plan PlanWhole(const ChatQuestion& question, const Answer& answer,
               const Situation& situation) {
  const Faults& faults = situation.choice.faults;
  const Settings& settings = situation.settings;
  std::string body = RenderCompletion(question, answer);
  if (Has(faults, F::kMalformed)) body.resize(body.size() / 2);
  Head head;
  head.request_id = situation.request_id;
  Plan plan = WholePlan(head, std::move(body));
  const int tokens = UsageOf(question, answer).completion_tokens;
  plan.body.front().tokens = tokens;
  plan.delay = situation.latency + settings.first_token +
               settings.token * std::max(0, tokens - 1);
  if (const Fault* late = Find(faults, F::kLate)) plan.delay += late->wait;
  BreakInTwo(faults, plan);
  return plan;
}

}  // namespace

Plan PlanChat(const ChatQuestion& question, const Situation& situation) {
  const Faults& faults = situation.choice.faults;
  const Occasion occasion = {situation.now, situation.since,
                             situation.request_id};
  for (const Fault& fault : faults) {
    if (fault.kind == F::kWild) {
      auto wild = PlanWild(*fault.wild, {.stream = question.stream,
                                         .chunked = situation.chunked,
                                         .body = situation.body,
                                         .request_id = situation.request_id});
      if (wild.has_value()) return *std::move(wild);
      continue;
    }
    if (auto instead = PlanInstead(fault, question, occasion)) {
      return *std::move(instead);
    }
  }
  const Answer answer = AnswerFor(question, situation);
  const bool stream = question.stream && !Has(faults, F::kPlainJson);
  Plan plan = stream ? PlanStream(question, answer, situation)
                     : PlanWhole(question, answer, situation);
  if (Has(faults, F::kTinyWrites)) SplitIntoBytes(plan);
  return plan;
}

Plan PlanModels(const Situation& situation) {
  const Occasion occasion = {situation.now, situation.since,
                             situation.request_id};
  for (const Fault& fault : situation.choice.faults) {
    if (auto instead = PlanInstead(fault, {}, occasion)) {
      return *std::move(instead);
    }
  }
  Head head;
  head.request_id = situation.request_id;
  Plan plan = WholePlan(head, RenderModels());
  plan.delay = situation.latency;
  return plan;
}

}  // namespace holysheep::sim
