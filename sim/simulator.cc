#include "sim/simulator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sim/behaviour.h"
#include "sim/fault_reply.h"

namespace holysheep::sim {
namespace {

constexpr absl::string_view kControl = "/_sim/";

Plan PlanOk() { return WholePlan({}, "{\"ok\":true}"); }

}  // namespace

Simulator::Simulator(Settings base, absl::Time start)
    : base_(std::move(base)), rules_({}, {}), recorder_(start) {
  Behave(base_, start);
}

void Simulator::Behave(Settings settings, absl::Time now) {
  std::vector<Rule> rules = settings.wild;
  rules.insert(rules.end(), settings.rules.begin(), settings.rules.end());
  rules_ = RuleBook(std::move(rules), settings.script);
  random_.seed(settings.seed);
  since_ = now;
  settings_ = std::move(settings);
}

// The same everywhere, unlike the standard library's distributions.
double Simulator::Draw() {
  return static_cast<double>(random_() >> 11) * 0x1.0p-53;
}

Reply Simulator::Handle(HttpRequest& request, absl::Time now) {
  if (absl::StartsWith(request.path, kControl)) {
    return {HandleControl(request, now), false};
  }
  return {HandleApi(request, now), true};
}

Plan Simulator::HandleControl(const HttpRequest& request, absl::Time now) {
  const bool post = request.method == "POST";
  if (request.path == "/_sim/state" && !post) {
    return WholePlan({}, recorder_.ToJson(rules_.script_left()));
  }
  if (request.path == "/_sim/reset" && post) {
    Behave(base_, now);
    recorder_.Reset(now);
    return PlanOk();
  }
  if (request.path == "/_sim/control" && post) {
    absl::StatusOr<Settings> settings = ParseControl(request.body, base_);
    if (!settings.ok()) return ErrorPlan(400, settings.status().message());
    Behave(*std::move(settings), now);
    return PlanOk();
  }
  return ErrorPlan(404,
                   "POST /_sim/control, GET /_sim/state or "
                   "POST /_sim/reset");
}

Plan Simulator::HandleApi(HttpRequest& request, absl::Time now) {
  Credential credential = TakeCredential(request);
  const auto& keys = settings_.keys;
  const bool refused =
      !keys.empty() &&
      std::find(keys.begin(), keys.end(), credential.sha256) == keys.end();
  Plan plan = refused ? ErrorPlan(401, "Incorrect API key provided")
                      : Answer(request, now);
  recorder_.OnRequest(request, std::move(credential), now);
  return plan;
}

Plan Simulator::Answer(const HttpRequest& request, absl::Time now) {
  const bool chat = request.path == kChatPath;
  if (!chat && request.path != kModelsPath) {
    return ErrorPlan(404, absl::StrCat("Invalid URL (", request.method, " ",
                                       request.path, ")"));
  }
  if (request.method != (chat ? "POST" : "GET")) {
    return ErrorPlan(405, "Not allowed for this URL");
  }
  ChatQuestion question;
  if (chat) {
    absl::StatusOr<ChatQuestion> parsed = ParseChatQuestion(request.body);
    if (!parsed.ok()) return ErrorPlan(400, parsed.status().message());
    question = *std::move(parsed);
  }
  const Choice choice = rules_.Choose(request.path, question.model, Draw());
  for (const Fault& fault : choice.faults) recorder_.OnFault(fault.kind);
  const Situation situation = {.settings = settings_,
                               .choice = choice,
                               .latency = settings_.latency.Quantile(Draw()),
                               .now = now,
                               .since = since_,
                               .request_id = absl::StrCat("req-", next_id_++),
                               .chunked = !request.http_1_0,
                               .body = request.body};
  return chat ? PlanChat(question, situation) : PlanModels(situation);
}

}  // namespace holysheep::sim
