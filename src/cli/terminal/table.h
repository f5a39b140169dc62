#pragma once

#include <string>
#include <utility>
#include <vector>

namespace holysheep::cli {

struct Column {
  std::string title;
  bool right = false;  // numbers stand to the right
};

// Rows of cells, laid out by RenderTable. A row may be shorter than the
// columns are many; the rest of it is empty.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

// One line a row under a line of titles, two blanks between columns and none
// at the line ends. No titles at all leaves their line out. Control characters
// are shown as `?`.
std::string RenderTable(const Table& table);

// Two columns without titles: what something is called, and its value.
std::string RenderFields(
    const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace holysheep::cli
