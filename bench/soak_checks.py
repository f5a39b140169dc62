"""What must hold at the end of bench/soak.py, and its table."""

import statistics
import textwrap
import time
from decimal import Decimal

from soak_calls import Tally

# What an honest caller may be answered while the simulator plays its faults.
EXPECTED = {"INVALID_ARGUMENT", "UPSTREAM_5XX", "RATE_LIMITED_UPSTREAM", "STREAM_TRUNCATED", "UPSTREAM_MALFORMED",
            "UPSTREAM_CONNECT", "TOTAL_TIMEOUT", "CIRCUIT_OPEN", "RATE_LIMITED_LOCAL", "IDLE_TIMEOUT", "QUEUE_FULL",
            "FIRST_TOKEN_TIMEOUT", "DRAINING"}
MOST_GROWTH_MB = 16


def between(least, value, most, what):
    return least <= value <= most, f"{what}: {value:,}, from {least:,} to {most:,} expected"


def quiet(service):
    """Waits up to 10 s until nothing is under way; what is then."""
    for _ in range(100):
        stats = service.look()
        if stats.queue == stats.in_flight == 0:
            break
        time.sleep(0.1)
    return stats


def exact(service, honest):
    """After all that, calls that nobody disturbs: nothing is uncertain about their sums.
    `honest(tally)` makes them."""
    service.faults([])
    time.sleep(1)  # Until a circuit that is open lets a probe through.
    quiet(service)
    tally, before, asked = Tally(), service.usage(), service.at_upstream()
    attempts = service.look().upstream_attempts
    honest(tally)
    after = service.usage()
    said = (tally.answers, tally.tokens, tally.cost)
    noted = (after.calls - before.calls, after.usage.total_tokens - before.usage.total_tokens,
             Decimal(after.cost.total) - Decimal(before.cost.total))
    asked, attempts = service.at_upstream() - asked, service.look().upstream_attempts - attempts
    return [(said == noted and not tally.unknown, f"undisturbed, to the last digit: answers say {said[0]:,} calls, "
             f"{said[1]:,} tokens, {said[2]} USD; the ledger {noted[0]:,}, {noted[1]:,}, {noted[2]}"),
            (asked == attempts, f"undisturbed: {attempts:,} attempts, {asked:,} requests at the simulator")]


def checks(service, tally, alive, honest):
    """[(whether it held, what)]; ends the service."""
    stats, usage, asked = quiet(service), service.usage(), service.at_upstream()
    unknown = tally.unknown
    attempts = service.attempts + stats.upstream_attempts
    results = [
        (alive == 0 and tally.hung == 0, f"no call hangs: {tally.hung} ended by gRPC's deadline, {alive} never"),
        (stats.queue == 0 and stats.in_flight == 0, f"gauges: {stats.queue} wait, {stats.in_flight} are under way"),
        between(tally.answers, usage.calls, tally.answers + unknown, "the ledger's calls"),
        between(tally.tokens, usage.usage.total_tokens, tally.tokens + unknown * tally.most_tokens,
                "the ledger's tokens"),
        between(tally.cost, Decimal(usage.cost.total), tally.cost + unknown * tally.dearest, "the ledger's USD"),
        between(asked - service.uncertain, attempts, asked + unknown + tally.errors["TOTAL_TIMEOUT"],
                "attempts, against the simulator's requests"),
        memory(service),
    ]
    odd = {reason for reason in tally.errors if reason not in EXPECTED and not reason.startswith("no reason")}
    results.append((not odd, f"errors have reasons that the faults explain{''.join(f'; {r}' for r in sorted(odd))}"))
    results += exact(service, honest)
    service.end()
    results.append((service.exit_status == 0, f"SIGTERM ends it with {service.exit_status}"))
    return results


def memory(service):
    """Growth over the second half of the longest life, and its slope."""
    life = max(service.lives, key=len)
    half = life[len(life) // 2:]
    tenth = max(1, len(half) // 10)
    growth = statistics.median(mb for _, mb in half[-tenth:]) - statistics.median(mb for _, mb in half[:tenth])
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope * 60
    peak = max(mb for life in service.lives for _, mb in life)
    return growth < MOST_GROWTH_MB, (f"memory: {growth:+.1f} MB in the last {half[-1][0] - half[0][0]:.0f} s of the "
                                     f"longest life, {slope:+.2f} MB a minute; at most {peak:.0f} MB")


def report(tally, service, results):
    """What was done and what held, as Markdown."""
    kinds = sorted({kind for kind, _ in tally.done})
    rows = ["| kind of call | answered | refused, with a reason | ended without a word (left, or killed) |",
            "|---|---:|---:|---:|"]
    rows += [f"| {kind} | " + " | ".join(f"{tally.done[kind, how]:,}" for how in ("answered", "refused", "left")) + " |"
             for kind in kinds]
    done = ", ".join(f"{count:,} {what}" for what, count in service.done.items())
    errors = ", ".join(f"{count:,} {reason}" for reason, count in tally.errors.most_common())
    held = [f"- {'held' if held else '**DID NOT HOLD**'}: {what}." for held, what in results]
    text = [f"Also done: {done}.", "", f"Refused or lost: {errors}.", "", *held]
    return "\n".join([*rows, "", *(textwrap.fill(line, 118, subsequent_indent="  " * line.startswith("-"),
                                                 break_long_words=False, break_on_hyphens=False) for line in text)])
