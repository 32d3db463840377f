"""How many tokens stay masked after each step: tables worked out apart, and what the sampler's own steps hold.

A table's entry after step k of T, for N unknown tokens, is floor(N cos(pi k / 2T)), but at most N - k, so that every
step fixes a token; there are at most N steps. The cosines come from `Decimal` with 60 digits and a series of its own.
"""

from __future__ import annotations

from decimal import Decimal, getcontext, localcontext

import pytest
import torch
from torch import Tensor

from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.sampling import RowNoise, decode
from muse_studio.muse.schedules import masked_after

CODES = 4

# (steps, unknown tokens): still masked after each step.
TABLES: dict[tuple[int, int], list[int]] = {
    (24, 256): [
        255, 253, 251, 247, 242, 236, 229, 221, 212, 203, 192, 181, 168, 155, 142, 128, 113, 97, 82, 66, 49, 33, 16, 0,
    ],
    (8, 4096): [4017, 3784, 3405, 2896, 2275, 1567, 799, 0],
    (24, 100): [
        99, 98, 97, 96, 94, 92, 89, 86, 83, 79, 75, 70, 65, 60, 55, 50, 44, 38, 32, 25, 19, 13, 6, 0,
    ],
    (24, 25): [
        24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1, 0,
    ],
    (24, 24): [
        23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ],
    (24, 7): [6, 5, 4, 3, 2, 1, 0],
    (24, 2): [1, 0],
    (24, 1): [0],
    (8, 100): [98, 92, 83, 70, 55, 38, 19, 0],
    (8, 16): [15, 14, 13, 11, 8, 6, 3, 0],
    (8, 9): [8, 7, 6, 5, 4, 3, 1, 0],
    (8, 3): [2, 1, 0],
    (3, 60): [51, 30, 0],
    (1, 256): [0],
}  # fmt: skip


def pi() -> Decimal:
    """16 atan(1/5) - 4 atan(1/239), by the series of the arctangent."""

    def arctangent_of_one_over(n: int) -> Decimal:
        power = total = Decimal(1) / n
        for k in range(1, 60):
            power /= -n * n
            total += power / (2 * k + 1)
        return total

    return 16 * arctangent_of_one_over(5) - 4 * arctangent_of_one_over(239)


def cosine(angle: Decimal) -> Decimal:
    """By its Taylor series; angles up to pi / 2."""
    term = total = Decimal(1)
    for k in range(1, 40):
        term *= -angle * angle / ((2 * k - 1) * (2 * k))
        total += term
    return total


def derived(steps: int, unknown: int) -> list[int]:
    """The table by the rule above."""
    with localcontext() as context:
        context.prec = 60
        steps, table = min(steps, unknown), []
        for done in range(1, steps + 1):
            exact = unknown * cosine(pi() * done / (2 * steps))
            whole = int(exact + Decimal("1e-40"))  # cos(pi / 3) is a half, whatever its last digit says
            table.append(min(whole, unknown - done))
        return table


def test_the_series_are_those_of_pi_and_the_cosine() -> None:
    with localcontext() as context:
        context.prec = 60
        assert str(pi())[:42] == "3.1415926535897932384626433832795028841971"
        assert abs(cosine(pi() / 3) - Decimal("0.5")) < Decimal("1e-50")
        assert abs(cosine(pi() / 4) ** 2 - Decimal("0.5")) < Decimal("1e-50")
    assert getcontext().prec < 60, "the precision of others is theirs"


@pytest.mark.parametrize("plan", TABLES, ids=str)
def test_the_tables_are_the_papers_cosine(plan: tuple[int, int]) -> None:
    assert derived(*plan) == TABLES[plan]


@pytest.mark.parametrize("plan", TABLES, ids=str)
def test_the_schedule_is_the_tables(plan: tuple[int, int]) -> None:
    steps, unknown = min(plan), plan[1]
    assert [masked_after(step, steps, unknown) for step in range(steps)] == TABLES[plan]


def some_known(unknown: int, side: int) -> Tensor:
    """bool [1, side, side] with as many unknown places, spread at random."""
    order = torch.randperm(side * side, generator=torch.Generator().manual_seed(unknown))
    return (order >= unknown).view(1, side, side)


def sampled(steps: int, known: Tensor, temperature: float) -> list[DecodeStep]:
    def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
        return torch.randn(int(wanted.sum()), CODES, generator=torch.Generator().manual_seed(int(tokens.sum())))

    plan, tokens = StagePlan(steps, temperature=temperature), torch.zeros(known.shape, dtype=torch.int64)
    noise = RowNoise(range(len(known)), "base")
    return list(decode(predict, tokens, known, CODES, plan, "base", noise))


@pytest.mark.parametrize("temperature", [0.0, 4.0])
@pytest.mark.parametrize("plan", TABLES, ids=str)
def test_the_samplers_steps_hold_as_many_as_the_tables(plan: tuple[int, int], temperature: float) -> None:
    steps, unknown = plan
    known = some_known(unknown, 64 if unknown > 256 else 16)
    made = sampled(steps, known, temperature)
    assert [int((~step.known).sum()) for step in made] == TABLES[plan]
    assert [int((step.known & ~known).sum()) for step in made] == [unknown - left for left in TABLES[plan]]


def test_every_picture_of_a_batch_follows_its_own_table() -> None:
    unknown = [256, 100, 25, 24, 7, 1]
    made = sampled(24, torch.cat([some_known(count, 16) for count in unknown]), 1.0)
    for row, count in enumerate(unknown):
        table = TABLES[24, count]
        left = [int((~step.known[row]).sum()) for step in made]
        assert left == table + [0] * (24 - len(table))
