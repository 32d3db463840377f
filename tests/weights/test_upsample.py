"""What is computed otherwise than published, for speed, comes out the same."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from muse_studio.evaluation.machine import counted, counter
from muse_studio.weights.norms import RootMeanSquareNorm
from muse_studio.weights.upsample import Upsample


@pytest.mark.parametrize("shape", [(1, 16, 5, 7), (2, 16, 1, 4), (1, 16, 8, 8)], ids=str)
def test_doubled_pixels_are_convolved_as_if_they_had_been_doubled_first(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    part, x = Upsample(16), torch.randn(shape)
    with torch.no_grad():
        expected = part.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        with counter() as ours:
            found = part(x)
        with counter() as theirs:
            part.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
    assert float((expected - found).abs().max()) < 1e-6
    assert sum(counted(ours).values()) * 9 == pytest.approx(sum(counted(theirs).values()) * 4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_normalisation_is_torchs_own(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    x = (3 * torch.randn(2, 5, 40)).to(dtype)
    theirs, ours = nn.RMSNorm(40, 1e-6, dtype=dtype), RootMeanSquareNorm(40, 1e-6).to(dtype)
    with torch.no_grad():
        theirs.weight.normal_()
        ours.load_state_dict(theirs.state_dict(), strict=True)
        error = (theirs(x) - ours(x)).abs().max()
        nothing = ours(torch.zeros(1, 40, dtype=dtype))
    assert float(error) < (1e-5 if dtype is torch.float32 else 0.06)
    assert nothing.equal(torch.zeros(1, 40, dtype=dtype))
