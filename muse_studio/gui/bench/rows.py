"""Rows of the bench's table, and what a list of measured values comes to. Knows nothing of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

Row = dict[str, object]


def row(what: str, value: float, unit: str, goal: float | None = None, **more: object) -> Row:
    """One row; with a goal, the value must not be above it. more: `ratio` and `ratio_to`."""
    told = {} if goal is None else {"goal": f"≤ {goal:g} {unit}", "reached": value <= goal}
    return {"what": what, "value": value, "unit": unit, **told, **more}


def row_at_least(what: str, value: float, unit: str, goal: float, **more: object) -> Row:
    """One row whose value must not be below its goal."""
    return {"what": what, "value": value, "unit": unit, "goal": f"≥ {goal:g} {unit}", "reached": value >= goal, **more}


def against(value: float, bare: float) -> dict[str, object]:
    """The ratio to what bare Qt took for the same."""
    return {"ratio": value / bare, "ratio_to": "bare"} if bare > 0 else {}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
