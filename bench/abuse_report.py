"""The table and the picture of bench/abuse.py."""

import datetime
import html
import math
import pathlib
import statistics
import subprocess
import textwrap

import grpc
from rig import ROOT

PAGE = ROOT / "docs/resilience.md"
PICTURE = ROOT / "docs/images/resilience.svg"
BEGIN, END = "<!-- abuse: from here on written by bench/abuse.py -->", "<!-- abuse: end -->"
CODES = {str(code.value[0]): code.name for code in grpc.StatusCode}
KINDS = {"hit": "hit", "miss": "miss", "stream": "first piece of a stream"}
GOAL, MOST_MB, MOST_THREADS = 3, 64, 32
# So many of the attacker's answers are shown.
MOST_ANSWERS = 6


def undisturbed(results):
    """The median p50 and p99 of each kind, of the victim's runs before the attacks, so that
    one that something else on the machine has disturbed does not count."""
    return {kind: {name: statistics.median(result["before"][kind][name] for result in results)
                   for name in ("p50", "p99")} for kind in KINDS}


def ratio(result, kind, before):
    """The p99 under attack against the undisturbed one; infinite if no call ended."""
    under = result["under"].get(kind)
    return under["p99"] / before[kind]["p99"] if under else math.inf


def times(result, kind, before):
    value, under = ratio(result, kind, before), result["under"].get(kind)
    if under is None:
        return "**none ended**"
    return f"{ms(under['p50'])} / {ms(under['p99'])}, " + bold(f"{value:.1f}", value > GOAL)


def ms(microseconds):
    value = microseconds / 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def bold(text, is_bold):
    return f"**{text}**" if is_bold else text


def failed(result):
    calls = sum(result["under"].get(kind, {}).get("calls", 0) for kind in KINDS)
    failures = result["under"]["failed"]
    if not failures:
        return f"0 of {calls:,}"
    number, _, message = max(failures, key=failures.get).replace("|", "/").partition(" ")
    worst = f"{CODES.get(number, number)}: {message[:60]}"
    return f"**{sum(failures.values()):,}** of {calls:,} ({worst})"


def answered(answers):
    parts = sorted(answers.items(), key=lambda part: -part[1])
    shown = ", ".join(f"{count:,} {what}".replace("|", "/") for what, count in parts[:MOST_ANSWERS])
    return shown + (", …" if len(parts) > MOST_ANSWERS else "")


def is_calm(result):
    """Whether the loop stalled no more than once for each reload."""
    reloads = result["answers"].get("reloads", result["attack"].name == "revoked")
    return result["stalls"] is not None and result["stalls"] <= reloads


def row(result, before):
    attack = result["attack"]
    stranger = attack.who == "stranger"
    stalls = "no page" if result["stalls"] is None else bold(str(result["stalls"]), not is_calm(result))
    if result["ended"] is not None:
        stalls = f"**the service ended with {result['ended']}**"
    return " | ".join(["", f"{attack.who}: {attack.title} (`{attack.name}`)",
                       *(times(result, kind, before) for kind in KINDS), failed(result),
                       bold(f"{result['memory']:,.0f}", stranger and result["memory"] > MOST_MB),
                       bold(str(result["threads"]), stranger and result["threads"] > MOST_THREADS), stalls,
                       answered(result["answers"]), ""]).strip()


def table(results):
    before = undisturbed(results)
    head = ["attack", *(f"{name}: p50 / p99 ms, ratio of p99" for name in KINDS.values()),
            "victim's calls that failed", "peak MB above idle", "threads", "loop stalls",
            "what the attacker was answered"]
    calm = " | ".join(f"{ms(before[kind]['p50'])} / {ms(before[kind]['p99'])}" for kind in KINDS)
    return "\n".join([f"| {' | '.join(head)} |", "|---|---|---|---|---|---:|---:|---:|---|",
                      f"| undisturbed | {calm} | | | | | |", *(row(result, before) for result in results)])


def version():
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, check=False,
                          capture_output=True)
    return said.stdout.strip() or "an export"


def summary(results):
    """How many rows reach the goals; `floor` is not an attack."""
    before = undisturbed(results)
    attacks = [result for result in results if result["attack"].name != "floor"]
    strangers = [result for result in attacks if result["attack"].who == "stranger"]
    within = sum(max(ratio(result, kind, before) for kind in KINDS) <= GOAL for result in attacks)
    small = sum(result["memory"] <= MOST_MB and result["threads"] <= MOST_THREADS for result in strangers)
    unhurt = sum(not result["under"]["failed"] for result in attacks)
    calm = sum(map(is_calm, attacks))
    return [f"Run on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} at {version()}, {len(attacks)} attacks.",
            f"The victim's p99 of all three kinds stayed within {GOAL} times the undisturbed one in {within} of them,",
            f"none of the victim's calls failed in {unhurt}, and the loop did not stall, but once for a reload, in "
            f"{calm}.",
            f"{small} of the {len(strangers)} attacks of strangers took at most {MOST_MB} MB and {MOST_THREADS} "
            "threads."]


def write(results, seconds):
    """Rewrites what stands between the two marks of the page, and the picture."""
    intro = textwrap.fill(" ".join([*summary(results), f"Each attack took {seconds:g} s."]), 118)
    body = (f"\n{intro}\n\n{table(results)}\n\n"
            f"![The victim's p99 under each attack]({pathlib.Path('images') / PICTURE.name})\n")
    rewrite(BEGIN, body, END)
    PICTURE.write_text(picture(results))


def rewrite(begin, body, end):
    """Puts the text between the two marks of the page, in place of what was there."""
    before, rest = PAGE.read_text().split(begin)
    PAGE.write_text(before + begin + body + end + rest.split(end)[1])


def picture(results):
    """Bars of the ratio of p99, three for each attack, on a logarithmic scale from 0.5 to 1,000."""
    before = undisturbed(results)
    colours = {"hit": "#4878a8", "miss": "#d08a3c", "stream": "#5a9a5a"}
    left, width, step, top = 150, 560, 34, 40

    def x(value):
        return left + width * math.log(min(max(value, 0.5), 1000) / 0.5) / math.log(2000)

    height = top + step * len(results) + 10
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}" '
             'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    for value in (1, GOAL, 10, 100, 1000):
        colour = "#c03030" if value == GOAL else "#cccccc"
        parts.append(f'<line x1="{x(value):.0f}" x2="{x(value):.0f}" y1="{top - 8}" y2="{height}" stroke="{colour}"/>'
                     f'<text x="{x(value):.0f}" y="{top - 12}" text-anchor="middle">{value}</text>')
    for number, (kind, colour) in enumerate(colours.items()):
        parts.append(f'<rect x="{left + number * 170}" y="4" width="10" height="10" fill="{colour}"/>'
                     f'<text x="{left + 14 + number * 170}" y="13">{KINDS[kind]}, p99 ratio</text>')
    for line, result in enumerate(results):
        y = top + line * step
        parts.append(f'<text x="{left - 8}" y="{y + 17}" text-anchor="end">'
                     f'{html.escape(result["attack"].name)}</text>')
        for number, (kind, colour) in enumerate(colours.items()):
            end = x(ratio(result, kind, before))
            parts.append(f'<rect x="{x(1):.0f}" y="{y + number * 9}" width="{max(1, end - x(1)):.0f}" height="8" '
                         f'fill="{colour}"/>')
    return "\n".join([*parts, "</svg>", ""])
