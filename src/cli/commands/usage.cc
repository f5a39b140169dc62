#include "cli/commands/usage.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands/usage_sums.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// A column for a name of the row: its title and what the row has there.
struct NameColumn {
  const char* by;
  const char* title;
  std::string (*cell)(const pb::UsageRow& row);
};

constexpr NameColumn kNames[] = {
    {"day", "DAY", [](const pb::UsageRow& row) { return row.day(); }},
    {"model", "MODEL", [](const pb::UsageRow& row) { return row.model(); }},
    {"caller", "CALLER", [](const pb::UsageRow& row) { return row.caller(); }},
    {"app", "APP", [](const pb::UsageRow& row) {
       return row.app_name().empty()
                  ? row.app()
                  : absl::StrCat(row.app_name(), " (", row.app(), ")");
     }}};

std::vector<NameColumn> ColumnsOf(const pb::GetUsageResponse& usage,
                                  const std::string& by) {
  const bool apps =
      std::any_of(usage.rows().begin(), usage.rows().end(),
                  [](const pb::UsageRow& row) { return !row.app().empty(); });
  std::vector<NameColumn> columns;
  for (const NameColumn& column : kNames) {
    const bool shown =
        by.empty() ? apps || column.by != std::string("app") : column.by == by;
    if (shown) columns.push_back(column);
  }
  return columns;
}

void AddSums(const pb::UsageRow& row, std::vector<std::string>& cells) {
  const pb::Cost& cost = row.cost();
  cells.push_back(Grouped(row.calls()));
  cells.push_back(Grouped(row.usage().prompt_tokens()));
  cells.push_back(Grouped(row.usage().completion_tokens()));
  cells.push_back(MoneyText(cost.total(), cost.currency()));
  cells.push_back(MoneyText(cost.saved(), cost.currency()));
}

// A service from before there were pages answers with all rows at once.
absl::StatusOr<pb::GetUsageResponse> AllPages(const Session& session,
                                              pb::GetUsageRequest request) {
  pb::GetUsageResponse all;
  while (true) {
    absl::StatusOr<pb::GetUsageResponse> page = session.node.GetUsage(request);
    if (!page.ok()) return page.status();
    const std::string next = page->next_page_token();
    page->clear_next_page_token();
    all.clear_total();
    all.MergeFrom(*page);
    if (next.empty() || next == request.page_token()) return all;
    request.set_page_token(next);
  }
}

absl::StatusOr<pb::GetUsageResponse> Read(const Session& session,
                                          const UsageOptions& options) {
  pb::GetUsageRequest request;
  request.set_from_day(options.from);
  request.set_to_day(options.to);
  request.set_model(options.model);
  request.set_caller(options.caller);
  request.set_app(options.app);
  absl::StatusOr<pb::GetUsageResponse> usage = AllPages(session, request);
  if (!usage.ok() || options.by.empty()) return usage;
  return SumUsage(*usage, options.by);
}

}  // namespace

// The total is a row as well, whose names the service leaves empty.
std::string UsageTable(const pb::GetUsageResponse& usage,
                       const std::string& by) {
  const std::vector<NameColumn> names = ColumnsOf(usage, by);
  Table table;
  for (const NameColumn& name : names) table.columns.push_back({name.title});
  for (const char* title : {"CALLS", "PROMPT", "COMPLETION", "COST", "SAVED"}) {
    table.columns.push_back({title, true});
  }
  for (const pb::UsageRow& row : usage.rows()) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const NameColumn& name : names) cells.push_back(name.cell(row));
    AddSums(row, cells);
  }
  std::vector<std::string>& total = table.rows.emplace_back();
  for (const NameColumn& name : names)
    total.push_back(name.cell(usage.total()));
  total[0] = "TOTAL";
  AddSums(usage.total(), total);
  return RenderTable(table);
}

ExitCode RunUsage(const Session& session, const UsageOptions& options) {
  const auto usage = Read(session, options);
  if (!usage.ok()) return Fail(session, usage.status());
  session.console.out << (options.json ? ToJson(*usage)
                                       : UsageTable(*usage, options.by))
                      << std::flush;
  return kExitOk;
}

}  // namespace holysheep::cli
