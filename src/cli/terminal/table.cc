#include "cli/terminal/table.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/terminal/text.h"
#include "cli/terminal/text_width.h"

namespace holysheep::cli {
// Cells are cleaned before they are measured, so that width and output agree.

namespace {

using Row = std::vector<std::string>;

Row Titles(const Table& table) {
  Row titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  return titles;
}

void Widen(const Row& row, std::vector<size_t>& widths) {
  for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
    widths[i] = std::max(widths[i], Width(row[i]));
  }
}

// Trailing blanks would be copied along by whoever copies the table.
std::string Line(const Table& table, const Row& row,
                 const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
    const std::string padding(widths[i] - Width(row[i]), ' ');
    if (i > 0) line += "  ";
    line += table.columns[i].right ? padding + row[i] : row[i] + padding;
  }
  absl::StripTrailingAsciiWhitespace(&line);
  return line + "\n";
}

}  // namespace

std::string RenderTable(const Table& table) {
  std::vector<Row> lines;
  Row titles = Titles(table);
  if (std::any_of(titles.begin(), titles.end(),
                  [](const std::string& title) { return !title.empty(); })) {
    lines.push_back(std::move(titles));
  }
  for (const Row& row : table.rows) {
    lines.emplace_back();
    for (const std::string& cell : row) lines.back().push_back(OneLine(cell));
  }
  std::vector<size_t> widths(table.columns.size());
  for (const Row& line : lines) Widen(line, widths);
  std::string text;
  for (const Row& line : lines) text += Line(table, line, widths);
  return text;
}

std::string RenderFields(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  Table table{{Column{}, Column{}}, {}};
  for (const auto& [name, value] : fields) table.rows.push_back({name, value});
  return RenderTable(table);
}

}  // namespace holysheep::cli
