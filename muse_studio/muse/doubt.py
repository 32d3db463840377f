"""How sure a model is of tokens that are there already, and which it doubts most. Knows nothing about text.

A masked model says nothing of a token it sees. So each is hidden once, together with a few far from it, and judged by
what the rest makes of its place: that works for any picture, also for one that was never decoded here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from muse_studio.muse.sampling import Predict

PASSES = 8
"""An eighth of the tokens is hidden at a time: few enough that what is left tells the picture."""


@torch.no_grad()
def confidence_of(predict: Predict, tokens: Tensor, mask_token: int, passes: int = PASSES) -> Tensor:
    """float32 [B, h, w] in [0, 1]: the probability of each token int64 [B, h, w], given those that stay visible.

    Asks `passes` times, each time about tokens of which no two touch.
    """
    confidence = torch.zeros(tokens.shape, dtype=torch.float32, device=tokens.device)
    guidance = torch.zeros(len(tokens), 1, 1, 1, device=tokens.device)
    for number in range(passes):
        asked = _spread_cells(tokens, number, passes)
        logits = predict(tokens.masked_fill(asked, mask_token), guidance, asked).float()
        confidence[asked] = logits.softmax(-1).gather(-1, tokens[asked][:, None])[:, 0]
    return confidence


def _spread_cells(tokens: Tensor, number: int, passes: int) -> Tensor:
    """bool [B, h, w]: every `passes`-th cell along a row, three further in each next row; so cells keep apart."""
    rows = torch.arange(tokens.shape[1], device=tokens.device)[:, None]
    columns = torch.arange(tokens.shape[2], device=tokens.device)[None]
    return ((columns + 3 * rows) % passes == number).expand(tokens.shape)


def least_sure(confidence: Tensor, share: float, among: Tensor) -> Tensor:
    """bool [B, h, w]: of the cells in `among`, bool [B, h, w], the share of least confidence; at least one of them."""
    ranks = confidence.float().masked_fill(~among, torch.inf).flatten(1).argsort(dim=1, stable=True).argsort(1)
    counts = [min(count, max(1, round(share * count))) for count in among.flatten(1).sum(1).tolist()]
    chosen: Tensor = ranks < torch.tensor(counts, device=ranks.device)[:, None]
    return chosen.view_as(among) & among
