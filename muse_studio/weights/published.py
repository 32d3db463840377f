"""A whole published cascade: text and tokens in, decode steps out, as muse.cascade.Cascade does. Any family.

Text encoder, transformer and VQGAN in one object of one stage, "base". Every mode is a choice of starting tokens and of
the known ones. Knows nothing of folders, requests, windows or other processes.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from muse_studio.core.geometry import Extent
from muse_studio.core.loras import LoraUse
from muse_studio.muse.any_cascade import Traits
from muse_studio.muse.cascade import REMEMBERED_PROMPTS
from muse_studio.muse.device import end_step
from muse_studio.muse.doubt import PASSES, confidence_of
from muse_studio.muse.editing import edit
from muse_studio.muse.guidance import Guidance, Way
from muse_studio.muse.plans import DecodeStep, EditPlan, KnownGrids, Reached, Stage, StagePlan, TokenGrids
from muse_studio.muse.sampling import Predict as PlainPredict
from muse_studio.muse.sampling import RowNoise
from muse_studio.weights.chosen_loras import Wardrobe
from muse_studio.weights.clip import ClipStates, ClipText
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.graphs import CudaRecorder, Replayed, wanted_on
from muse_studio.weights.network import Network, NetworkFacts
from muse_studio.weights.published_memory import decode_bytes, picture_bytes
from muse_studio.weights.published_sampling import Predict, course, decode, guide_as_published
from muse_studio.weights.vq import PublishedVQGAN

PREVIEW_SIDE_PX = 256

Previewer = Callable[[Tensor], Tensor]
"""Tokens int64 [B, h, w] to pictures uint8 [B, H, W, 3], small and cheap."""


class PublishedCascade:
    """Ready to sample. All parts are frozen and on one device; the VQGAN is never computed in float16.

    previewer: makes the previews; another may take its place.
    wardrobe:  changes what LoRAs lie on network and text; None where nobody has made one. See `wear`.
    """

    def __init__(
        self,
        traits: Traits,
        network: Network,
        facts: NetworkFacts,
        vqgan: PublishedVQGAN,
        text: ClipText,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """facts: of the network, whose dtype this is."""
        self.traits, self.facts = traits, facts
        self.network, self.vqgan, self.text = network, vqgan, text
        self.device, self.dtype = torch.device(device), dtype
        self.guidance = Guidance()
        self.previewer: Previewer = self._shrunk
        self.wardrobe: Wardrobe | None = None
        self._encoded: OrderedDict[tuple[str, ...], ClipStates] = OrderedDict()
        if self.device.type != "cpu":  # a CPU gains nothing by it, and every weight would be copied out of its file
            vqgan.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if wanted_on(self.device):
            network.replayed = Replayed(network.states, CudaRecorder())

    @property
    def multiple_px(self) -> int:
        """What sides of pictures must be a multiple of."""
        return self.vqgan.config.factor * (2 if self.facts.halved else 1)

    def grid(self, extent: Extent) -> tuple[int, int]:
        """Rows and columns of tokens of a picture. ValueError where the network cannot make one of that size."""
        step, factor = self.multiple_px, self.vqgan.config.factor
        if extent.width % step or extent.height % step or not extent.width or not extent.height:
            raise ValueError(f"sides must be multiples of {step} pixels, not {extent.width} x {extent.height}")
        return extent.height // factor, extent.width // factor

    def sample(
        self,
        prompts: Sequence[str] | ClipStates,
        negatives: Sequence[str],
        seeds: Sequence[int],
        base_plan: StagePlan,
        superres_plan: StagePlan | None = None,
        start: TokenGrids | None = None,
        known: KnownGrids | None = None,
        begun: KnownGrids | None = None,
        *,
        size: int | None = None,
        extent: Extent | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the steps of the one stage. Dropping the iterator cancels.

        prompts, seeds: one per picture; negatives: one per picture or one for all, "" for none. Prompts may be what
                        `text.encode` made of them, or a mix of that.
        start, known:   tokens given by the caller and where they must stay; None makes whole pictures.
        begun:          what was known when the decode that this one continues began.
        size, extent:   of pictures made from nothing: a side in pixels, or width and height; see `grid`.
        Raises ValueError on lengths that differ, on sizes that the network cannot make, on known tokens that are not
        given, and on a plan for a second stage.
        """
        if superres_plan is not None:
            raise ValueError("this cascade has one stage: there is nothing to plan for a second")
        if known is not None and start is None:
            raise ValueError("known tokens are of use only with the tokens themselves: `start` is missing")
        side = size or self.traits.sizes[0]
        grid = self.grid(extent or Extent(side, side)) if start is None else _shape(start.base)
        tokens = self._start(start.base if start else None, len(seeds), grid)
        fixed = _known(known.base if known else None, tokens)
        before = None if begun is None else _known(begun.base, tokens)
        predict = self._predict(self._encode(prompts, negatives, seeds), grid)
        noise = RowNoise(seeds, "base")
        for step in decode(predict, tokens, fixed, self.facts.mask_token, base_plan, noise, before):
            end_step(self.device)
            yield step

    def edit(
        self,
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        start: TokenGrids,
        plan: EditPlan,
        superres_plan: StagePlan | None = None,
        reached: Reached | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the iterations of mask-free editing after `reached`. Muse 3.3. Raises ValueError as `sample`."""
        if superres_plan is not None:
            raise ValueError("this cascade has one stage: there is nothing to plan for a second")
        begin, done = (start.base, 0) if reached is None else (reached.tokens, reached.iterations)
        tokens = self._start(begin, len(prompts), _shape(start.base))
        predict = self._predict(self._encode(prompts, negatives, seeds), _shape(tokens))
        asking = self._as_of(predict, plan.share)
        for step in edit(asking, tokens, self.facts.mask_token, plan, RowNoise(seeds, "base"), done):
            end_step(self.device)
            yield step

    def course(self, plan: StagePlan, known: Tensor, begun: Tensor | None = None) -> range:
        """The steps by which `sample` fixes what is not known, bool [B, h, w]."""
        rows = len(known) if begun is None else max(len(known), len(begun))
        before = None if begun is None else begun.expand(rows, -1, -1)
        return course(plan, known.expand(rows, -1, -1), before).steps

    @torch.no_grad()
    def confidence(self, prompt: str, base: Tensor) -> Tensor:
        """float32 [B, h, w] in [0, 1]: how likely the prompt and the other tokens make each of base tokens."""
        base = base.to(self.device)
        texts = self._encode([prompt] * len(base), [""], [0] * len(base))
        predict = self._as_of(self._predict(texts, _shape(base)), 1 / PASSES)
        return confidence_of(predict, base, self.facts.mask_token)

    @torch.no_grad()
    def tokenize(self, pictures: Tensor, size: int | None = None) -> TokenGrids:
        """Tokens of pictures, float [B, 3, H, W] in [0, 1], with sides as `grid` takes them.

        size: side in pixels that they are brought to first, by the means of areas; None leaves them as they are.
        """
        pictures = pictures.to(self.device, torch.float32)
        if size is not None and pictures.shape[-2:] != (size, size):
            pictures = nn.functional.interpolate(pictures, size=(size, size), mode="area")
        self.grid(Extent(pictures.shape[-1], pictures.shape[-2]))
        pictures = pictures.to(self._vqgan_dtype)
        return TokenGrids(self.vqgan.encode(pictures.contiguous(memory_format=torch.channels_last)))

    @torch.no_grad()
    def picture(self, tokens: Tensor, stage: Stage = "base") -> Tensor:
        """Pictures float32 [B, 3, H, W] in [0, 1] by the full decoder, of tokens int64 [B, h, w]."""
        return self.vqgan.decode(tokens)

    @torch.no_grad()
    def preview(self, tokens: Tensor, stage: Stage = "base") -> Tensor:
        """Pictures uint8 [B, h, w, 3]: what a person watches while it decodes."""
        return self.previewer(tokens)

    def job_bytes(self, size: int, count: int, way: Way) -> int:
        """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment."""
        grid = size // self.vqgan.config.factor
        sampling = decode_bytes(self.facts, grid, self.text.length, count, way, self.dtype)
        return max(sampling, picture_bytes(self.vqgan.config, size, self._vqgan_dtype))

    def wear(self, loras: Sequence[LoraUse]) -> None:
        """From now on these on top, and no others; of no cost where they are there. MuseStudioError as `Wardrobe`."""
        assert self.wardrobe is not None, "whoever loads a folder makes one"
        changed = True
        try:
            changed = self.wardrobe.wear(loras)
        finally:
            if changed:
                self.forget_prompts()
                if isinstance(self.network.replayed, Replayed):
                    self.network.replayed.forget()

    def forget_prompts(self) -> None:
        """Prompts of earlier jobs are encoded again when they return."""
        self._encoded.clear()

    @property
    def _vqgan_dtype(self) -> torch.dtype:
        return self.vqgan.quantize.embedding.weight.dtype

    def _shrunk(self, tokens: Tensor) -> Tensor:
        """The pictures themselves, made small: as dear as can be, for want of a better preview. One by one."""
        rows = []
        for row in torch.split(tokens, 1):
            picture = self.vqgan.decode(row)
            times = math.ceil(max(picture.shape[-2:]) / PREVIEW_SIDE_PX)
            rows.append(nn.functional.avg_pool2d(picture, times))
        return (torch.cat(rows) * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).contiguous()

    @torch.no_grad()
    def _encode(
        self, prompts: Sequence[str] | ClipStates, negatives: Sequence[str], seeds: Sequence[int]
    ) -> ClipStates:
        """Of all prompts, then of all negative prompts: each of the two in one batch, as published, for one vector in a
        batch is multiplied in another order than two, and an unchanged negative prompt isn't read again."""
        count = len(prompts.states) if isinstance(prompts, ClipStates) else len(prompts)
        if len(negatives) == 1:
            negatives = [*negatives] * count
        if not count or len(negatives) != count or len(seeds) != count:
            counts = f"{count} prompts with {len(negatives)} negative prompts and {len(seeds)} seeds"
            raise ValueError(f"{counts}: each picture needs one of each, or one negative for all")
        given = prompts if isinstance(prompts, ClipStates) else self._remembered(tuple(prompts))
        other = self._remembered(tuple(negatives))
        pairs = ((given.states, other.states), (given.pooled, other.pooled))
        states, pooled = (torch.cat([first.to(second), second]) for first, second in pairs)
        return ClipStates(states, pooled, (*given.cut, *other.cut))

    def _remembered(self, key: tuple[str, ...]) -> ClipStates:
        """What the encoder makes of texts; that of the last jobs is remembered."""
        if key not in self._encoded:
            texts = self.text.encode(key)
            self._encoded[key] = ClipStates(texts.states.to(self.device), texts.pooled.to(self.device), texts.cut)
        self._encoded.move_to_end(key)
        while len(self._encoded) > REMEMBERED_PROMPTS:
            self._encoded.popitem(last=False)
        return self._encoded[key]

    @torch.no_grad()
    def _predict(self, texts: ClipStates, grid: tuple[int, int]) -> Predict:
        """Guided logits, away from the second half of the texts; all that no step changes is computed here, once."""
        factor, count = self.vqgan.config.factor, len(texts.states) // 2
        micro = MicroConditions(Extent(grid[1] * factor, grid[0] * factor)).tensor(2 * count).to(self.device)
        both = self.network.prepare(texts.states, texts.pooled, micro, grid)
        halves = both.rows(slice(0, count)), both.rows(slice(count, None))

        def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor, steps_left: Sequence[int]) -> Tensor:
            def at_this_step(tokens: Tensor, prepared: object, wanted: Tensor) -> Tensor:
                told = [*steps_left] * (len(tokens) // len(steps_left))
                return self.network.logits(tokens, prepared, told, wanted)

            return self.guidance.between(at_this_step, both, *halves, guide_as_published)(tokens, guidance, wanted)

        return predict

    def _as_of(self, predict: Predict, share: float) -> PlainPredict:
        """Logits as of the step of the default plan at which this share of the tokens is unknown."""
        steps = self.traits.base.plan.steps
        left = max(0, round(steps * (1 - 2 / math.pi * math.acos(share))) - 1)
        return lambda tokens, guidance, wanted: predict(tokens, guidance, wanted, [left] * len(tokens))

    def _start(self, tokens: Tensor | None, count: int, grid: tuple[int, int]) -> Tensor:
        if tokens is None:
            return torch.zeros(count, *grid, dtype=torch.int64, device=self.device)
        return tokens.to(self.device).expand(count, -1, -1)


def _shape(tokens: Tensor) -> tuple[int, int]:
    return tokens.shape[-2], tokens.shape[-1]


def _known(known: Tensor | None, tokens: Tensor) -> Tensor:
    if known is None:
        return torch.zeros_like(tokens, dtype=torch.bool)
    return known.to(tokens.device).expand_as(tokens)
