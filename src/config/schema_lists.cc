#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/schema.h"
#include "policy/quota_request.h"

namespace holysheep::config {
namespace {

// The price of a model for which none is given, as for a model outside the
// catalog.
constexpr Money kAssumedPrice = Money::FromPicos(1'000'000'000'000);

enum class Role { kInvoke, kAdmin };

absl::StatusOr<Capability> ReadCapability(const Scalar& scalar) {
  Capability capability;
  if (ParseCapability(scalar.text, capability)) return capability;
  std::string names;
  for (int i = 0; i < kCapabilityCount; ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ",
                    CapabilityName(static_cast<Capability>(i)));
  }
  return MakeError(Reason::kInvalidArgument,
                   absl::StrCat("must be one of ", names));
}

// One that is left out follows `official_price`.
void ReadOfficialPrice(Fields& item, absl::string_view key,
                       std::optional<Money>& price) {
  Money own;
  if (item.Read(key, own, Price())) price = own;
}

// HolySheep publishes one price for all tokens of a model, so the prices that
// are left out follow the prompt's.
void ReadPrices(Fields& item, ModelInfo& model) {
  model.prompt_price = kAssumedPrice;
  item.Read("prompt_price", model.prompt_price, Price());
  model.completion_price = model.prompt_price;
  item.Read("completion_price", model.completion_price, Price());
  model.cached_prompt_price = model.prompt_price;
  item.Read("cached_prompt_price", model.cached_prompt_price, Price());
  model.cache_write_price = model.prompt_price;
  item.Read("cache_write_price", model.cache_write_price, Price());
  if (model.completion_price == model.prompt_price) {
    model.official_price = model.prompt_price;
  }
  item.Read("official_price", model.official_price, Price());
  ReadOfficialPrice(item, "official_prompt_price", model.official_prompt_price);
  ReadOfficialPrice(item, "official_cached_prompt_price",
                    model.official_cached_prompt_price);
  ReadOfficialPrice(item, "official_cache_write_price",
                    model.official_cache_write_price);
  ReadOfficialPrice(item, "official_completion_price",
                    model.official_completion_price);
}

ModelInfo ReadModel(Fields& item) {
  ModelInfo model;
  item.Read("id", model.id, Name());
  item.Require("id");
  model.label = model.id;
  item.Read("label", model.label, Name());
  ReadPrices(item, model);
  item.Read("context_size", model.context_size, WholeNumber(0, kMaxTokens));
  item.Read("max_output_tokens", model.max_output_tokens,
            WholeNumber(0, kMaxTokens));
  if (model.context_size > 0 && model.max_output_tokens > model.context_size) {
    item.Fail("max_output_tokens", "must be at most the context_size");
  }
  std::vector<Capability> capabilities;
  item.ReadList("capabilities", capabilities, ReadCapability);
  for (const Capability capability : capabilities) {
    model.capabilities |= uint32_t{1} << static_cast<int>(capability);
  }
  ReadRates(item, model.limits);
  ReadWire(item, model);
  return model;
}

// Who has a certificate of that name needs no token.
void ReadCertificate(Fields& item, TokenOptions& certificate) {
  if (certificate.name == kCertificateKind) {
    item.Fail("name", "must be cert:NAME, with the name in the certificate");
  }
  if (item.Read("sha256", certificate.sha256, Sha256Hex())) {
    item.Fail("sha256", "must not be given with a cert:NAME");
  }
}

// A scope that is left out is the name, so that callers share answers only
// where the file says so.
TokenOptions ReadToken(Fields& item) {
  TokenOptions token;
  item.Read("name", token.name, Name());
  item.Require("name");
  if (token.IsCertificate()) {
    ReadCertificate(item, token);
  } else {
    item.Read("sha256", token.sha256, Sha256Hex());
    item.Require("sha256");
  }
  std::vector<Role> roles;
  if (item.ReadList(
          "roles", roles,
          OneOf<Role>({{"invoke", Role::kInvoke}, {"admin", Role::kAdmin}}))) {
    const auto has = [&roles](Role role) {
      return std::find(roles.begin(), roles.end(), role) != roles.end();
    };
    token.may_invoke = has(Role::kInvoke);
    token.may_administer = has(Role::kAdmin);
    if (roles.empty()) item.Fail("roles", "must have at least one role");
  }
  token.scope = token.name;
  item.Read("scope", token.scope, Name());
  ReadRates(item, token.limits);
  return token;
}

AppOptions ReadApp(Fields& item) {
  AppOptions app;
  item.Read("id", app.id, Name());
  item.Require("id");
  item.Read("name", app.name, Name());
  ReadRates(item, app.limits);
  return app;
}

BudgetRule ReadBudget(Fields& item) {
  BudgetRule budget;
  item.Read("caller", budget.caller, Name());
  item.Read("model", budget.model, Name());
  item.Read("app", budget.app, Name());
  item.Read("usd", budget.usd, Dollars());
  item.Require("usd");
  item.Read("period", budget.period,
            OneOf<Period>({{"hour", Period::kHour},
                           {"day", Period::kDay},
                           {"month", Period::kMonth}}));
  return budget;
}

// A rule that names no model of the catalog would never apply, so it is taken
// for a mistake.
RoutingRule ReadRule(Fields& item, const std::vector<ModelInfo>& models) {
  RoutingRule rule;
  item.Section("when", [&rule](Fields& when) {
    when.Read("min_prompt_tokens", rule.min_prompt_tokens,
              WholeNumber(0, kMaxTokens));
    when.Read("max_prompt_tokens", rule.max_prompt_tokens,
              WholeNumber(0, kMaxTokens));
    if (rule.min_prompt_tokens > rule.max_prompt_tokens) {
      when.Fail("min_prompt_tokens", "must be at most the max_prompt_tokens");
    }
    when.Read("tag", rule.tag, Name());
    Capability capability;
    if (when.Read("capability", capability, ReadCapability)) {
      rule.capability = capability;
    }
  });
  const bool named = item.Read("model", rule.model, Name());
  item.Require("model");
  const auto is_it = [&rule](const ModelInfo& model) {
    return model.id == rule.model;
  };
  if (named && std::none_of(models.begin(), models.end(), is_it)) {
    item.Fail("model", "must be the id of one of the models");
  }
  return rule;
}

// Adds a problem with `key` if `seen` already holds `value`; otherwise inserts
// it.
void Distinct(Fields& item, absl::string_view key, const std::string& value,
              absl::flat_hash_set<std::string>& seen) {
  if (!value.empty() && !seen.insert(value).second) {
    item.Fail(key, "is taken by an item above");
  }
}

}  // namespace

void ReadRates(Fields& fields, RateLimits& limits) {
  for (const Rate& rate : kRates) {
    fields.Read(LimitName(rate.limit), limits.*rate.per_minute,
                WholeNumber(0, rate.largest));
  }
}

// A list in the file replaces the built-in one as a whole. The default model
// must then be one of it.
void ReadModels(Fields& root, Config& config) {
  std::vector<ModelInfo> models;
  absl::flat_hash_set<std::string> ids;
  const bool replaced = root.List("models", [&](Fields& item) {
    models.push_back(ReadModel(item));
    Distinct(item, "id", models.back().id, ids);
  });
  if (replaced) config.models = std::move(models);
  const bool named = root.Read("default_model", config.default_model, Name());
  const auto is_default = [&config](const ModelInfo& model) {
    return model.id == config.default_model;
  };
  if (std::any_of(config.models.begin(), config.models.end(), is_default)) {
    return;
  }
  if (named) {
    root.Fail("default_model", "must be the id of one of the models");
  } else {
    root.Fail("models",
              absl::StrCat("one must have the id ", config.default_model,
                           ", or default_model must name another"));
  }
}

void ReadRouting(Fields& root, Config& config) {
  root.Section("routing", [&config](Fields& routing) {
    std::vector<RoutingRule> rules;
    const bool given = routing.List("rules", [&](Fields& item) {
      rules.push_back(ReadRule(item, config.models));
    });
    if (given) config.routing = std::move(rules);
  });
}

void ReadTokens(Fields& auth, AuthConfig& config) {
  absl::flat_hash_set<std::string> names;
  absl::flat_hash_set<std::string> hashes;
  std::vector<TokenOptions> tokens;
  const bool given = auth.List("tokens", [&](Fields& item) {
    tokens.push_back(ReadToken(item));
    Distinct(item, "name", tokens.back().name, names);
    if (tokens.back().IsCertificate()) return;
    Distinct(item, "sha256", tokens.back().sha256, hashes);
  });
  if (given) config.tokens = std::move(tokens);
}

void ReadApps(Fields& root, std::vector<AppOptions>& apps) {
  absl::flat_hash_set<std::string> ids;
  std::vector<AppOptions> listed;
  const bool given = root.List("apps", [&](Fields& item) {
    listed.push_back(ReadApp(item));
    Distinct(item, "id", listed.back().id, ids);
  });
  if (given) apps = std::move(listed);
}

void ReadBudgets(Fields& root, std::vector<BudgetRule>& budgets) {
  std::vector<BudgetRule> rules;
  const bool given = root.List(
      "budgets", [&](Fields& item) { rules.push_back(ReadBudget(item)); });
  if (given) budgets = std::move(rules);
}

}  // namespace holysheep::config
