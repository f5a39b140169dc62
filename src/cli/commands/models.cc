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
std::string Price(const pb::Model& model) {
  const std::string prompt = UnitPrice(model.prompt_price());
  const std::string completion = UnitPrice(model.completion_price());
  return prompt == completion ? prompt : absl::StrCat(prompt, "/", completion);
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
  for (const pb::Model& model : catalog.models()) {
    table.rows.push_back(
        {absl::StrCat(model.id(), model.is_default() ? " *" : ""), Price(model),
         UnitPrice(model.official_price()),
         absl::StrFormat("%.1f %%", model.saving_percent()),
         Count(model.context_size()), Count(model.max_output_tokens()),
         Availability(model), absl::StrJoin(model.capabilities(), " ")});
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
