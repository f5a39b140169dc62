#include "cli/commands/usage.h"

#include <ostream>
#include <string>
#include <vector>

#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// The total is a row as well, without model and caller.
std::vector<std::string> Cells(const pb::UsageRow& row) {
  const pb::Cost& cost = row.cost();
  return {row.day(),
          row.model(),
          row.caller(),
          Grouped(row.calls()),
          Grouped(row.usage().prompt_tokens()),
          Grouped(row.usage().completion_tokens()),
          MoneyText(cost.total(), cost.currency()),
          MoneyText(cost.saved(), cost.currency())};
}

}  // namespace

std::string UsageTable(const pb::GetUsageResponse& usage) {
  Table table;
  table.columns = {{"DAY"},         {"MODEL"},        {"CALLER"},
                   {"CALLS", true}, {"PROMPT", true}, {"COMPLETION", true},
                   {"COST", true},  {"SAVED", true}};
  for (const pb::UsageRow& row : usage.rows()) {
    table.rows.push_back(Cells(row));
  }
  std::vector<std::string> total = Cells(usage.total());
  total[0] = "TOTAL";
  table.rows.push_back(std::move(total));
  return RenderTable(table);
}

ExitCode RunUsage(const Session& session, const UsageOptions& options) {
  pb::GetUsageRequest request;
  request.set_from_day(options.from);
  request.set_to_day(options.to);
  request.set_model(options.model);
  request.set_caller(options.caller);
  const auto usage = session.node.GetUsage(request);
  if (!usage.ok()) return Fail(session, usage.status());
  session.console.out << (options.json ? ToJson(*usage) : UsageTable(*usage))
                      << std::flush;
  return kExitOk;
}

}  // namespace holysheep::cli
