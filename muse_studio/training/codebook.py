"""The codebook in training: it follows the encoder's features, and like entries are merged in the end.

It follows by an exponential average of the features that choose each entry (van den Oord et al., "Neural Discrete
Representation Learning", appendix A.1); entries that nothing chooses are moved onto live features. Knows nothing about
pictures or losses.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.discriminator import Adversary
from muse_studio.training.engine import add_up, from_the_first
from muse_studio.training.tokenizer_config import TokenizerConfig

KMEANS_BATCHES = 40
KMEANS_ROUNDS = 12


def with_spare(vqgan: VQGANConfig, config: TokenizerConfig) -> VQGANConfig:
    """The tokenizer as it is trained: with its spare entries."""
    return replace(vqgan, codebook_size=vqgan.codebook_size + config.spare)


class AveragedCodebook(nn.Module):
    """A VQGAN with the running sums from which its codebook is set; and its adversary, where it is trained with one."""

    def __init__(self, model: VQGAN, config: TokenizerConfig) -> None:
        super().__init__()
        self.model = model
        self.settings = config
        self.adversary = Adversary(config.adversary_width, config.adversary_after) if config.adversarial else None
        model.codebook.requires_grad_(False)
        self.register_buffer("counts", torch.zeros(model.config.codebook_size))
        self.register_buffer("sums", torch.zeros_like(model.codebook))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.recent: list[Tensor] = []

    @property
    def is_quantising(self) -> bool:
        """Whether the codebook has begun."""
        return int(self.get_buffer("steps")) > self.settings.free_steps

    @torch.no_grad()
    def condensed(self, config: VQGANConfig) -> VQGAN:
        """The finished tokenizer, without spare entries."""
        model = VQGAN(config)
        codebook, _ = condense(self.model.codebook, self.get_buffer("counts"), config.codebook_size)
        model.load_state_dict({**self.model.state_dict(), "codebook": codebook})
        return model

    @torch.no_grad()
    def begin_from(self, model: VQGAN) -> None:
        """Goes on from a finished tokenizer, as if every entry had just been chosen once; the spare ones are copies."""
        codebook = model.codebook.detach()
        spare = len(self.model.codebook) - len(codebook)
        self.model.load_state_dict({**model.state_dict(), "codebook": torch.cat([codebook, codebook[:spare]])})
        self.get_buffer("counts").fill_(1.0)
        self.get_buffer("sums").copy_(self.model.codebook)
        self.get_buffer("steps").fill_(self.settings.free_steps + 1)

    @torch.no_grad()
    def quantise(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of features [B, code_dim, h, w], after which the codebook moves; and the share of entries in use.

        In the free steps the features themselves.
        """
        counts, sums, codebook = self.get_buffer("counts"), self.get_buffer("sums"), self.model.codebook
        flat = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        self.get_buffer("steps").add_(1)
        if not self.is_quantising:
            self.recent = [*self.recent, flat][-KMEANS_BATCHES:]
            return features, features.new_zeros(())
        if not counts.any():
            codebook.copy_(k_means(torch.cat([*self.recent, flat]), len(codebook)))
            counts.fill_(len(flat) / len(codebook))
            sums.copy_(codebook * counts[:, None])
            from_the_first(codebook, counts, sums)
            self.recent = []
        quantised = self.model.quantise(features)
        tokens = quantised.tokens.reshape(-1)
        keep = self.settings.codebook_decay
        chosen = add_up(torch.bincount(tokens, minlength=len(codebook)).float())
        counts.mul_(keep).add_(chosen, alpha=1 - keep)
        sums.mul_(keep).add_(add_up(torch.zeros_like(sums).index_add_(0, tokens, flat)), alpha=1 - keep)
        codebook.copy_(sums / counts.clamp_min(1e-6)[:, None])
        dead = counts < self.settings.revive_below
        self._revive(dead, flat)
        from_the_first(codebook, counts, sums)
        return quantised.codes, 1 - dead.float().mean()

    def _revive(self, dead: Tensor, flat: Tensor) -> None:
        number = int(dead.sum())
        if not number:
            return
        picks = flat[torch.randint(len(flat), (number,), device=flat.device)]
        start = self.settings.revive_below * 4
        self.model.codebook[dead] = picks
        self.get_buffer("counts")[dead] = start
        self.get_buffer("sums")[dead] = picks * start


@torch.no_grad()
def condense(codebook: Tensor, counts: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The codebook [size, D] in which the entries most alike were merged, pair by pair; and where each old entry went.

    An average of as many features as chose its members (counts [N]) takes the place of the first of them. Trained by
    averages, a codebook spends several entries on a common colour. Nobody sees which of them a picture has, and no
    transformer can foresee it: without them, the base tokens' entropy is a sixth smaller.
    """
    centres, weights = codebook.double().cpu().clone(), counts.double().cpu().clamp_min(1e-6).clone()
    place = torch.arange(len(centres))
    gaps = torch.cdist(centres, centres).fill_diagonal_(torch.inf)
    for _ in range(len(centres) - size):
        first, second = sorted(divmod(int(gaps.argmin()), len(centres)))
        total = weights[first] + weights[second]
        step = (centres[second] - centres[first]) * (weights[second] / total)
        centres[first] += step
        weights[first] = total
        place[place == second] = first
        gaps[second], gaps[:, second] = torch.inf, torch.inf
        row = torch.cdist(centres[first][None], centres)[0].masked_fill(gaps[first].isinf(), torch.inf)
        gaps[first], gaps[:, first] = row, row
    kept, place = place.unique(return_inverse=True)
    return centres[kept].to(codebook.dtype).to(codebook.device), place


def k_means(points: Tensor, count: int) -> Tensor:
    """Lloyd's algorithm: `count` centres [count, D] of points [N, D]; an unused one moves to a random point."""
    centres = points[torch.randperm(len(points), device=points.device)[:count]]
    if len(centres) < count:
        centres = torch.cat([centres, points[torch.randint(len(points), (count - len(centres),))]])
    for _ in range(KMEANS_ROUNDS):
        nearest = torch.cat([torch.cdist(part, centres).argmin(1) for part in points.split(8192)])
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        counts = torch.bincount(nearest, minlength=count)
        empty = counts == 0
        centres = sums / counts.clamp_min(1)[:, None]
        centres[empty] = points[torch.randint(len(points), (int(empty.sum()),), device=points.device)]
    return centres
