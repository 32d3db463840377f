"""What is computed of some positions is, to the bit, what a convolution of the whole picture gives there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from muse_studio.weights.token_ends import pointwise


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 5, 21, 40, 63, 64, 99, 300, 512])
@torch.inference_mode()
def test_some_positions_have_the_numbers_that_they_have_among_all(threads: int, count: int) -> None:
    torch.manual_seed(count)
    conv, picture = nn.Conv2d(256, 2048, 1, bias=False), torch.randn(2, 16, 16, 256)
    whole = conv(picture.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    wanted = (torch.randperm(512) < count).view(2, 16, 16)
    some = pointwise(conv, picture[wanted])
    assert some.shape == (count, 2048)
    assert torch.equal(some, whole[wanted])
    assert torch.equal(pointwise(conv, picture), whole)


@torch.inference_mode()
def test_no_position_at_all_is_no_fault() -> None:
    assert pointwise(nn.Conv2d(8, 4, 1, bias=False), torch.zeros(0, 8)).shape == (0, 4)
