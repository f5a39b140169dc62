#include "cli/commands/models.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// Prices have two decimals, and more only if they need them.
std::string UnitPrice(const std::string& price) {
  const std::string rounded = RoundDecimal(price, 2);
  const size_t dot = price.find('.');
  const bool finer = dot != std::string::npos && price.size() - dot > 3;
  return finer ? price : rounded;
}

// Most models have one price for both.
std::string Both(const std::string& one, const std::string& other) {
  const std::string first = UnitPrice(one);
  const std::string second = UnitPrice(other);
  return first == second ? first : absl::StrCat(first, "/", second);
}

std::string Price(const pb::Model& model) {
  return Both(model.prompt_price(), model.completion_price());
}

// A service before 1.1 has the short form only.
std::string OfficialPrice(const pb::Model& model) {
  if (model.official_prompt_price().empty() ||
      model.official_completion_price().empty()) {
    return UnitPrice(model.official_price());
  }
  return Both(model.official_prompt_price(), model.official_completion_price());
}

// Reading and writing the upstream's prompt cache.
std::string CachePrice(const pb::Model& model) {
  if (model.cached_prompt_price().empty()) return "-";
  return Both(model.cached_prompt_price(), model.cache_write_price());
}

// Whether some prompt tokens cost less or more than others; elsewhere a column
// would only repeat the price.
bool HasCachePrices(const pb::ListModelsResponse& catalog) {
  for (const pb::Model& model : catalog.models()) {
    if (model.cached_prompt_price().empty()) continue;
    if (model.cached_prompt_price() != model.prompt_price() ||
        model.cache_write_price() != model.prompt_price()) {
      return true;
    }
  }
  return false;
}

std::string Count(int64_t tokens) { return tokens > 0 ? Grouped(tokens) : "-"; }

std::string Availability(const pb::Model& model) {
  if (model.available()) return "yes";
  return model.unavailable_reason().empty()
             ? "no"
             : absl::StrCat("no: ", model.unavailable_reason());
}

}  // namespace

std::string ModelTable(const pb::ListModelsResponse& catalog) {
  Table table;
  const std::string currency =
      catalog.models().empty() ? "" : catalog.models(0).currency();
  table.columns = {
      {"MODEL"},          {absl::StrCat(currency, "/M TOKENS"), true},
      {"OFFICIAL", true}, {"SAVING", true},
      {"CONTEXT", true},  {"MAX OUTPUT", true},
      {"AVAILABLE"},      {"CAPABILITIES"}};
  constexpr int kCacheColumn = 2;
  const bool with_cache = HasCachePrices(catalog);
  if (with_cache) {
    table.columns.insert(table.columns.begin() + kCacheColumn,
                         {"CACHED", true});
  }
  for (const pb::Model& model : catalog.models()) {
    table.rows.push_back(
        {absl::StrCat(model.id(), model.is_default() ? " *" : ""), Price(model),
         OfficialPrice(model),
         absl::StrFormat("%.1f %%", model.saving_percent()),
         Count(model.context_size()), Count(model.max_output_tokens()),
         Availability(model), absl::StrJoin(model.capabilities(), " ")});
    if (!with_cache) continue;
    auto& row = table.rows.back();
    row.insert(row.begin() + kCacheColumn, CachePrice(model));
  }
  return RenderTable(table);
}

ExitCode RunModels(const Session& session, bool json) {
  const auto catalog = session.node.ListModels();
  if (!catalog.ok()) return Fail(session, catalog.status());
  session.console.out << (json ? ToJson(*catalog) : ModelTable(*catalog))
                      << std::flush;
  return kExitOk;
}

}  // namespace holysheep::cli
