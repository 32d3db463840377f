"""AdaFactor follows its definition, holds little, and resumes exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from muse_studio.training.adafactor import Adafactor
from muse_studio.training.loop import LoopConfig
from muse_studio.training.optimisers import make_optimisers


def by_hand(weight: np.ndarray, gradients: list[np.ndarray], rate: float, decay: float) -> np.ndarray:
    """The definition in float64, written out for one matrix."""
    rows, columns, moment = np.zeros(len(weight)), np.zeros(weight.shape[1]), np.zeros_like(weight)
    for number, gradient in enumerate(gradients, 1):
        square = gradient**2 + 1e-30
        rows = 0.96 * rows + 0.04 * square.mean(1)
        columns = 0.96 * columns + 0.04 * square.mean(0)
        estimate = np.outer(rows, columns) / rows.mean() / (1 - 0.96**number)
        step = gradient / np.sqrt(estimate)
        step = step / max(1.0, np.sqrt((step**2).mean()))
        moment = 0.9 * moment + 0.1 * step
        weight = weight * (1 - rate * decay) - rate * moment
    return weight


def test_it_is_what_its_definition_says() -> None:
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(5, 7)), [rng.normal(size=(5, 7)) * 10.0**k for k in range(-3, 3)]
    parameter = nn.Parameter(torch.tensor(start, dtype=torch.float32))
    optimiser = Adafactor([parameter], lr=0.01, weight_decay=0.045, moment=torch.float32)
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient, dtype=torch.float32)
        optimiser.step()
    wanted = by_hand(start, gradients, 0.01, 0.045)
    torch.testing.assert_close(parameter.detach(), torch.tensor(wanted, dtype=torch.float32), atol=1e-6, rtol=1e-5)
    assert np.abs(wanted - start).max() > 0.005


def test_gradients_of_rank_one_are_scaled_as_if_nothing_were_factored() -> None:
    left, right = torch.rand(6) + 0.5, torch.rand(9) + 0.5
    parameter = nn.Parameter(torch.zeros(6, 9))
    optimiser = Adafactor([parameter], lr=1.0, moment=torch.float32)
    parameter.grad = torch.outer(left, right)
    optimiser.step()
    torch.testing.assert_close(parameter.detach(), torch.full((6, 9), -0.1))


def test_it_keeps_two_bytes_of_a_matrix_for_adamws_eight() -> None:
    module = nn.Linear(256, 512)
    config = LoopConfig(total_s=1, batch=1, rate=1e-3, optimiser="adafactor")
    (optimiser,) = make_optimisers(module, config)
    module(torch.ones(1, 256)).sum().backward()
    optimiser.step()
    held = sum(value.nbytes for state in optimiser.state.values() for value in state.values())
    assert held < 2.1 * module.weight.numel() + 6 * 512 + 100
    assert [group["weight_decay"] for group in optimiser.param_groups] == [config.decay, 0.0]
    assert optimiser.param_groups[0]["betas"] == (0.9, 0.96)


def test_a_parameter_without_a_gradient_stays_and_a_zero_gradient_does_no_harm() -> None:
    still, moved = nn.Parameter(torch.ones(3, 3)), nn.Parameter(torch.ones(3, 3))
    optimiser = Adafactor([still, moved], lr=0.1)
    moved.grad = torch.zeros(3, 3)
    optimiser.step()
    assert torch.equal(still, torch.ones(3, 3))
    torch.testing.assert_close(moved.detach(), torch.ones(3, 3))


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 3, 3)])
def test_it_finds_the_minimum_of_a_bowl(shape: tuple[int, ...], tmp_path: Path) -> None:
    torch.manual_seed(0)
    target = torch.randn(shape)
    parameter = nn.Parameter(torch.zeros(shape))
    optimiser = Adafactor([parameter], lr=0.02)
    for _ in range(400):
        optimiser.zero_grad()
        (parameter - target).pow(2).sum().backward()
        optimiser.step()
    assert float((parameter - target).detach().abs().max()) < 0.05
