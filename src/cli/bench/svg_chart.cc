#include "cli/bench/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// The size of the drawing, and of the plot inside it.
constexpr double kWidth = 720;
constexpr double kHeight = 300;
constexpr double kLeft = 70;
constexpr double kRight = 680;
constexpr double kTop = 40;
constexpr double kBottom = 240;
constexpr int kSteps = 4;

// Returns the smallest number that is not below `value`, has one digit other
// than zero, and has round quarters.
double RoundUp(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 3.0, 4.0, 6.0, 8.0}) {
    if (factor * power >= value) return factor * power;
  }
  return 10 * power;
}

std::string Number(double value) {
  return value < 1000 ? absl::StrFormat("%g", value)
                      : Grouped(static_cast<int64_t>(value));
}

double X(double x) {
  return kLeft + std::clamp(x, 0.0, 1.0) * (kRight - kLeft);
}

// The y axis is chosen from the points before anything is drawn.
class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    double most = 0;
    for (const ChartPoint& point : chart.points) most = std::max(most, point.y);
    top_ = RoundUp(most);
    absl::StrAppend(&svg_,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ",
                    kWidth, " ", kHeight, "\" role=\"img\" aria-label=\"",
                    XmlText(chart.title), "\">\n");
    Text(kLeft, 20, "start", chart.title, "title");
    Axes();
  }

  // A bar is at least half a unit wide, and leaves a gap of one to the next.
  std::string Bars() {
    const auto& points = chart_.points;
    for (size_t i = 0; i < points.size(); ++i) {
      const double left = X(points[i].x);
      const double right = i + 1 < points.size() ? X(points[i + 1].x) : kRight;
      const double y = Y(points[i].y);
      absl::StrAppendFormat(&svg_,
                            "<rect class=\"bar\" x=\"%.2f\" y=\"%.2f\" "
                            "width=\"%.2f\" height=\"%.2f\"><title>%s</title>"
                            "</rect>\n",
                            left, y, std::max(0.5, right - left - 1),
                            kBottom - y, XmlText(points[i].note));
    }
    return svg_ + "</svg>\n";
  }

  std::string Line() {
    std::string path;
    std::string marks;
    for (const ChartPoint& point : chart_.points) {
      absl::StrAppendFormat(&path, "%.2f,%.2f ", X(point.x), Y(point.y));
      absl::StrAppendFormat(&marks,
                            "<circle class=\"mark\" cx=\"%.2f\" cy=\"%.2f\" "
                            "r=\"3\"><title>%s</title></circle>\n",
                            X(point.x), Y(point.y), XmlText(point.note));
    }
    return absl::StrCat(svg_, "<polyline class=\"line\" points=\"", path,
                        "\"/>\n", marks, "</svg>\n");
  }

 private:
  double Y(double y) const {
    return kBottom - std::clamp(y / top_, 0.0, 1.0) * (kBottom - kTop);
  }

  void Text(double x, double y, const char* anchor, const std::string& text,
            const char* kind) {
    absl::StrAppendFormat(&svg_,
                          "<text class=\"%s\" x=\"%.2f\" y=\"%.2f\" "
                          "text-anchor=\"%s\">%s</text>\n",
                          kind, x, y, anchor, XmlText(text));
  }

  void Axes() {
    for (int i = 0; i <= kSteps; ++i) {
      const double value = top_ * i / kSteps;
      absl::StrAppendFormat(&svg_,
                            "<line class=\"grid\" x1=\"%.0f\" x2=\"%.0f\" "
                            "y1=\"%.2f\" y2=\"%.2f\"/>\n",
                            kLeft, kRight, Y(value), Y(value));
      Text(kLeft - 8, Y(value) + 4, "end", Number(value), "label");
    }
    for (const ChartTick& tick : chart_.x_ticks) {
      Text(X(tick.x), kBottom + 18, "middle", tick.label, "label");
    }
    Text((kLeft + kRight) / 2, kBottom + 42, "middle", chart_.x_label, "label");
    Text(kRight, 20, "end", chart_.y_label, "label");
  }

  const Chart& chart_;
  double top_ = 1;
  std::string svg_;
};

}  // namespace

std::string XmlText(const std::string& text) {
  return absl::StrReplaceAll(
      OneLine(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string BarChart(const Chart& chart) { return Drawing(chart).Bars(); }

std::string LineChart(const Chart& chart) { return Drawing(chart).Line(); }

}  // namespace holysheep::cli
