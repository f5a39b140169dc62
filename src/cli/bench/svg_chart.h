#pragma once

#include <string>
#include <vector>

namespace holysheep::cli {

// A point of the plot, or the left end of a bar.
struct ChartPoint {
  double x = 0;      // 0 to 1 over the width of the plot
  double y = 0;      // in units of the y axis, not negative
  std::string note;  // the tooltip
};

// A labelled position on the x axis. As of ChartPoint::x.
struct ChartTick {
  double x = 0;
  std::string label;
};

// Texts may hold anything; they are escaped.
struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<ChartTick> x_ticks;
  std::vector<ChartPoint> points;  // in the order of x
};

// Returns the chart as an <svg> element: a bar from each point to the next one
// (the last reaches the right end), or a line through all points. The y axis
// runs from 0 to a round number. 720 by 300 units, scaled by the page; colours
// come from the page's style. Pure.
std::string BarChart(const Chart& chart);
std::string LineChart(const Chart& chart);

// Escapes `text` for XML character data and attribute values. Line ends become
// blanks, control characters `?`.
std::string XmlText(const std::string& text);

}  // namespace holysheep::cli
