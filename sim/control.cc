#include "sim/control.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/errors.h"
#include "sim/json_reader.h"

namespace holysheep::sim {
namespace {

using rapidjson::Value;

constexpr int kMaxTokens = 100'000;

std::optional<Answer> TakeAnswer(ObjectReader& parent) {
  const Value* value = parent.Take("answer");
  if (value == nullptr) return std::nullopt;
  ObjectReader reader(*value, parent.PathOf("answer"));
  Answer answer = ReadAnswer(reader);
  parent.Update(reader.Finish());
  return answer;
}

Rule ReadRule(ObjectReader& reader) {
  Rule rule;
  std::string name = "ok";
  bool ok = true;
  reader.Read("ok", ok);
  reader.Read("fault", name);
  std::string wild;
  reader.Read("wild", wild);
  absl::StatusOr<NamedFault> named =
      wild.empty() ? FindFault(name) : FindWildFault(wild);
  reader.Update(named.status());
  if (!named.ok()) return rule;
  rule.fault = named->fault;
  rule.times = named->times;
  ReadParameters(reader, rule.fault);
  reader.Read("times", rule.times);
  reader.Read("model", rule.model);
  reader.Read("path", rule.path);
  reader.Read("probability", rule.probability);
  if (rule.path != kChatPath && rule.path != kModelsPath) {
    reader.Fail("path", "must be /v1/chat/completions or /v1/models");
  }
  if (!(rule.probability >= 0 && rule.probability <= 1)) {
    reader.Fail("probability", "must be 0 to 1");
  }
  rule.answer = TakeAnswer(reader);
  return rule;
}

void ReadRules(const char* name, ObjectReader& parent,
               std::vector<Rule>& rules) {
  const Value* list = parent.Take(name);
  if (list == nullptr) return;
  if (!list->IsArray()) return parent.Fail(name, "must be a list");
  rules.clear();
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    ObjectReader reader((*list)[i],
                        parent.PathOf(absl::StrCat(name, "[", i, "]")));
    rules.push_back(ReadRule(reader));
    parent.Update(reader.Finish());
  }
}

// {"constant_ms": 5}, {"profile": "published"} or the three figures.
void ReadLatency(ObjectReader& parent, LatencyCurve& latency) {
  const Value* value = parent.Take("latency");
  if (value == nullptr) return;
  ObjectReader reader(*value, parent.PathOf("latency"));
  absl::Duration constant;
  std::string name;
  LatencyProfile profile;
  reader.Read("constant_ms", constant);
  reader.Read("profile", name);
  reader.Read("mean_ms", profile.mean_ms);
  reader.Read("p95_ms", profile.p95_ms);
  reader.Read("p99_ms", profile.p99_ms);
  if (name == "published") {
    profile = kPublishedProfile;
  } else if (!name.empty()) {
    reader.Fail("profile", "must be \"published\"");
  }
  if (profile.mean_ms != 0) {
    absl::StatusOr<LatencyCurve> curve = LatencyCurve::Of(profile);
    reader.Update(curve.status());
    if (curve.ok()) latency = *curve;
  } else {
    latency = LatencyCurve(constant);
  }
  parent.Update(reader.Finish());
}

void ReadWild(ObjectReader& reader, std::vector<Rule>& rules) {
  std::string name;
  if (reader.Take("wild") == nullptr) return;
  reader.Read("wild", name);
  rules.clear();
  if (name.empty()) return;
  absl::StatusOr<std::vector<Rule>> wild = ParseWild(name);
  reader.Update(wild.status());
  if (wild.ok()) rules = *std::move(wild);
}

void ReadSettings(ObjectReader& reader, Settings& settings) {
  if (auto answer = TakeAnswer(reader)) settings.answer = std::move(answer);
  ReadLatency(reader, settings.latency);
  reader.Read("first_token_ms", settings.first_token);
  reader.Read("token_ms", settings.token);
  reader.Read("tokens", settings.tokens);
  if (settings.tokens < 0 || settings.tokens > kMaxTokens) {
    reader.Fail("tokens", absl::StrCat("must be 0 to ", kMaxTokens));
  }
  ReadWild(reader, settings.wild);
  ReadRules("faults", reader, settings.rules);
  ReadRules("script", reader, settings.script);
  reader.Read("keys", settings.keys);
  int seed = -1;
  reader.Read("seed", seed);
  if (seed >= 0) settings.seed = static_cast<std::uint64_t>(seed);
}

}  // namespace

absl::StatusOr<Settings> ParseControl(absl::string_view text,
                                      const Settings& base) {
  absl::StatusOr<rapidjson::Document> document = ParseJson(text);
  if (!document.ok()) return document.status();
  ObjectReader reader(*document, "");
  Settings settings = base;
  ReadSettings(reader, settings);
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return settings;
}

absl::StatusOr<std::vector<Rule>> ParseWild(absl::string_view name) {
  absl::StatusOr<NamedFault> named = FindWildFault(name);
  if (!named.ok()) return named.status();
  std::vector<Rule> rules(1);
  rules[0].fault = named->fault;
  rules[0].times = named->times;
  if (const absl::string_view then = named->fault.wild->then; !then.empty()) {
    Answer answer;
    answer.chunks = {std::string(then)};
    rules.emplace_back().answer = std::move(answer);
  }
  return rules;
}

absl::StatusOr<Rule> ParseFaultFlag(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  absl::StatusOr<NamedFault> named = FindFault(parts.first);
  if (!named.ok()) return named.status();
  Rule rule;
  rule.fault = named->fault;
  rule.times = named->times;
  if (!parts.second.empty()) {
    if (absl::Status status = SetMainParameter(parts.second, rule.fault);
        !status.ok()) {
      return status;
    }
  }
  return rule;
}

}  // namespace holysheep::sim
