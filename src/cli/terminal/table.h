#pragma once

#include <string>
#include <utility>
#include <vector>

namespace holysheep::cli {

// A column of a table. As wide as its widest cell.
struct Column {
  // Empty for none.
  std::string title;
  bool right = false;  // for numbers
};

// Rows of cells, laid out by RenderTable. A row may have fewer cells than there
// are columns; the others are empty.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

// Returns one line per row under a line of titles, with two blanks between
// columns and none at the line ends. If all titles are empty, their line is
// omitted. Control characters are shown as `?`. Empty without titles and rows.
// Pure.
std::string RenderTable(const Table& table);

// Returns two columns without titles: names and values.
std::string RenderFields(
    const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace holysheep::cli
