"""Draws the data of one panel as SVG."""

import html
import math

COLORS = ["#3274d9", "#37872d", "#e0752d", "#8f3bb8", "#c4162a", "#0a9b9b", "#b8860b", "#7c7c7c",
          "#ff7383", "#5195ce"]
NAMED = {"green": "#37872d", "orange": "#e0752d", "red": "#c4162a", "blue": "#3274d9"}
SCALES = {
    "s": [(1, " s"), (1e-3, " ms"), (1e-6, " µs")],
    "decbytes": [(1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1, " B")],
    "percentunit": [(0.01, " %")],
    "reqps": [(1e3, "k/s"), (1, "/s")],
}
COUNTS = [(1e6, "M"), (1e3, "k"), (1, "")]


def in_unit(value, unit):
    """The value as people write it."""
    if unit == "currencyUSD":
        return f"${value:,.2f}" if abs(value) >= 0.1 or value == 0 else f"${value:.3g}"
    scales = SCALES.get(unit, COUNTS)
    scale, suffix = next((s for s in scales if abs(value) >= s[0]), scales[-1])
    if value == 0:
        scale, suffix = next((s for s in scales if s[0] == 1), scales[-1])
    return f"{value / scale:.3g}{suffix}"


def ticks(low, high):
    """About four round numbers from low to high, and beyond it."""
    rough = (high - low) / 4 or 1
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    first = math.floor(low / step)
    return [step * i for i in range(first, math.ceil(high / step - 1e-9) + 1)] or [0, 1]


def stacked(series):
    """Each series on top of those before it: [(name, points, floor)]."""
    below, result = {}, []
    for name, points in series:
        floor = [(at, below.get(at, 0)) for at, _ in points]
        points = [(at, value + below.get(at, 0)) for at, value in points]
        below |= dict(points)
        result.append((name, points, floor))
    return result


class Plot:
    """Turns times and values into places in a box of width by height."""

    def __init__(self, span, box, values):
        self.left, self.top, self.width, self.height = box
        self.span = span
        self.ticks = ticks(min(values, default=0), max(values, default=1))
        self.low, self.high = self.ticks[0], max(self.ticks[-1], self.ticks[0] + 1e-9)

    def x(self, at):
        return self.left + self.width * (at - self.span.start) / (self.span.end - self.span.start)

    def y(self, value):
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))

    def path(self, points):
        return " ".join(f"{self.x(at):.1f},{self.y(value):.1f}" for at, value in points)


def grid(plot, unit):
    parts = []
    for tick in plot.ticks:
        y = plot.y(tick)
        parts.append(f'<line x1="{plot.left}" x2="{plot.left + plot.width}" y1="{y:.1f}" '
                     f'y2="{y:.1f}" class="grid"/><text x="{plot.left - 4}" y="{y + 3:.1f}" '
                     f'class="right">{in_unit(tick, unit)}</text>')
    seconds = plot.span.end - plot.span.start
    for share in (0, 0.5, 1):
        label = f"-{(1 - share) * seconds / 60:.3g} min" if share < 1 else "now"
        place = {0: "", 0.5: "middle", 1: "right"}[share]
        parts.append(f'<text x="{plot.left + share * plot.width}" y="{plot.top + plot.height + 13}" '
                     f'class="{place}">{label}</text>')
    return "".join(parts)


def lines(panel, series, span, size):
    """A panel of the type timeseries."""
    width, height = size
    defaults = panel["fieldConfig"]["defaults"]
    stack = "stacking" in defaults["custom"]
    rows = stacked(series) if stack else [(name, points, None) for name, points in series]
    values = [value for _, points, _ in rows for _, value in points]
    values += [defaults[bound] for bound in ("min", "max") if bound in defaults]
    plot = Plot(span, (52, 6, width - 62, height - 24), values)
    parts = [grid(plot, defaults["unit"])]
    for i, (_, points, floor) in enumerate(rows):
        color = COLORS[i % len(COLORS)]
        if stack:
            around = plot.path(points) + " " + plot.path(reversed(floor))
            parts.append(f'<polygon points="{around}" fill="{color}" opacity="0.35"/>')
        parts.append(f'<polyline points="{plot.path(points)}" stroke="{color}"/>')
    return svg(width, height, parts) + keys([name for name, _ in series])


def keys(names):
    return '<p class="keys">' + " ".join(
        f'<span><i style="background:{COLORS[i % len(COLORS)]}"></i>{html.escape(name)}</span>'
        for i, name in enumerate(names)) + "</p>"


def states(panel, series, span, size):
    """A panel of the type state-timeline."""
    width, height = size
    meanings = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    plot = Plot(span, (130, 0, width - 140, height), [0, 1])
    each = height / max(1, len(series))
    parts = []
    for i, (name, points) in enumerate(series):
        top = i * each + 0.1 * each
        parts.append(f'<text x="124" y="{top + 0.4 * each + 4:.1f}" class="right">{html.escape(name)}</text>')
        for at, value in points:
            color = NAMED[meanings[str(int(value))]["color"]]
            parts.append(f'<rect x="{plot.x(at - span.step):.1f}" y="{top:.1f}" height="{0.8 * each:.1f}" '
                         f'width="{plot.x(at) - plot.x(at - span.step) + 0.3:.1f}" fill="{color}"/>')
    legend = " ".join(f'<span><i style="background:{NAMED[m["color"]]}"></i>{m["text"]}</span>'
                      for m in meanings.values())
    return svg(width, height, parts) + f'<p class="keys">{legend}</p>'


def number(panel, series, span, size):
    """A panel of the type stat: the newest value, and how it came to be."""
    width, height = size
    defaults = panel["fieldConfig"]["defaults"]
    points = series[0][1]
    value = points[-1][1]
    passed = [s for s in defaults["thresholds"]["steps"] if s["value"] is None or value >= s["value"]]
    color = NAMED[passed[-1]["color"]]
    plot = Plot(span, (0, height / 2, width, height / 2), [0] + [v for _, v in points])
    ends = [(points[-1][0], plot.low), (points[0][0], plot.low)]
    return svg(width, height, [
        f'<polygon points="{plot.path(points + ends)}" fill="{color}" opacity="0.2"/>',
        f'<text x="{width / 2}" y="{height / 2 + 4}" class="middle big" style="fill:{color}">'
        f'{in_unit(value, defaults["unit"])}</text>'])


def svg(width, height, parts):
    return f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(parts)}</svg>'


KINDS = {"timeseries": lines, "state-timeline": states, "stat": number}


def draw(panel, series, span, size):
    if not series:
        return '<p class="none">No data</p>'
    return KINDS[panel["type"]](panel, series, span, size)
