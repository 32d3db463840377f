"""Trains both transformers to predict masked tokens from a text. Knows nothing about where pictures come from.

Cross-entropy on the masked positions only (Muse 2.3); the mask rate is cos(pi u / 2) (2.6); the text of one sample in
ten is dropped, for guidance (2.7).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL.Image import Image
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.config import BaseConfig, SuperResConfig
from muse_studio.muse.layers import EMBEDDING_SPREAD, CodeHead
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.sampling import RowNoise, decode, guide, per_token
from muse_studio.muse.schedules import training_mask_ratio
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.text import TextStates
from muse_studio.muse.vqgan import VQGAN, draft_tokens
from muse_studio.training.curves import contact_sheet

SEEN_LIMIT = 20_000
"""Token grids that are kept: 160 MB at 64 x 64."""
TEXT_LIMIT_BYTES = 300 * 2**20
"""Of captions' states that are kept: 20,000 short ones of a small encoder, or 1,500 of T5-XXL's."""
OWN_SHARE = 0.3
"""Of a token's first embedding, relative to what its code decides: tokens with like codes must be told apart."""


@dataclass(frozen=True, slots=True)
class MaskedConfig:
    """text_dropout: share of samples whose caption is emptied. smoothing: of the labels.

    regions: share of samples that are masked in a rectangle alone, all around it known, as inpainting meets them.
    """

    text_dropout: float = 0.1
    smoothing: float = 0.05
    regions: float = 0.0


class Pair(Protocol):
    """One training example: the same picture on both grids' resolutions, and what it shows."""

    @property
    def base(self) -> NDArray[np.uint8]:
        """uint8 [256, 256, 3]."""

    @property
    def superres(self) -> NDArray[np.uint8] | None:
        """uint8 [512, 512, 3], where the stage needs it."""

    @property
    def caption(self) -> str:
        """In words."""


class Texts(Protocol):
    """What turns captions into states: `muse.text.TextEncoder`, or what stands for it in a dry run."""

    def encode(self, texts: Sequence[str]) -> TextStates:
        """See `TextEncoder.encode`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens int64 [B, 16, 16] and, for super-resolution, [B, 64, 64] of the picture and of its draft; captions, some
    emptied; which tokens to mask."""

    base: Tensor
    superres: Tensor | None
    draft: Tensor | None
    captions: tuple[str, ...]
    masked: Tensor


class MaskedTask:
    """What both stages share: examples to batches, text, the loss. See `training.loop.Task`."""

    name: str
    module: nn.Module

    def __init__(
        self,
        settings: MaskedConfig,
        example: Callable[[int], Pair],
        tokenizers: Sequence[VQGAN],
        text: Texts,
        prompts: Sequence[str],
        device: torch.device,
    ) -> None:
        self.settings, self.example, self.text = settings, example, text
        self.tokenizers, self.prompts, self.device = tokenizers, prompts, device
        self._part = 64 if device.type == "cuda" else 8  # pictures that a tokenizer takes at once
        self._seen: dict[bytes, Tensor] = {}
        self._texts: dict[str, Tensor] = {}
        self._texts_bytes = 0

    @torch.no_grad()
    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Batch]:
        while True:
            yield self._batch(range(first, first + batch))
            first += stride or batch

    def _batch(self, numbers: Sequence[int]) -> Batch:
        examples = [self.example(number) for number in numbers]
        rng = np.random.default_rng((numbers[0], 2))
        dropped = rng.random(len(examples)) < self.settings.text_dropout
        captions = tuple("" if drop else one.caption for one, drop in zip(examples, dropped, strict=True))
        base = self._tokens(self.tokenizers[0], [one.base for one in examples])
        superres = draft = None
        if len(self.tokenizers) > 1:
            superres = self._tokens(self.tokenizers[1], [one.superres for one in examples if one.superres is not None])
            draft = self._drafts(base)
        shape = (superres if superres is not None else base).shape
        masked = random_masks(shape, rng, self.settings.regions).to(self.device)
        return Batch(base, superres, draft, captions, masked)

    def _tokens(self, vqgan: VQGAN, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        return self._remembered(pictures, lambda fresh: self._encoded(vqgan, fresh))

    def _drafts(self, base: Tensor) -> Tensor:
        """What the tokenizers make of base tokens' pictures, enlarged."""
        return self._remembered(list(base.cpu().numpy()), self._drafted)

    def _remembered(self, arrays: Sequence[NDArray[Any]], work: Callable[[list[NDArray[Any]]], Tensor]) -> Tensor:
        """Tokens int64 that `work` makes of arrays. On a CPU one seen before, as most of a narrow recipe are, is not
        worked on again; a GPU makes them sooner than a picture could be looked up."""
        if self.device.type == "cuda":
            return work(list(arrays)).to(self.device, torch.int64)
        keys = [hashlib.blake2b(np.ascontiguousarray(one).data, digest_size=16).digest() for one in arrays]
        if len(self._seen) > SEEN_LIMIT:
            self._seen.clear()
        fresh = {key: one for key, one in zip(keys, arrays, strict=True) if key not in self._seen}
        if fresh:
            self._seen.update(zip(fresh, work(list(fresh.values())), strict=True))
        return torch.stack([self._seen[key] for key in keys]).to(self.device, torch.int64)

    @torch.no_grad()
    def _drafted(self, base: Sequence[NDArray[np.int64]]) -> Tensor:
        """int16 [B, h, w], on the CPU."""
        tokens = torch.from_numpy(np.stack(base)).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            drafts = [draft_tokens(self.tokenizers[0], self.tokenizers[1], part) for part in tokens.split(self._part)]
        return torch.cat(drafts).to("cpu", torch.int16)

    @torch.no_grad()
    def _encoded(self, vqgan: VQGAN, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        """int16 [B, h, w], on the CPU."""
        pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).to(self.device).float() / 255
        with torch.autocast(self.device.type, torch.bfloat16):
            tokens = [
                vqgan.encode(part.contiguous(memory_format=torch.channels_last)) for part in pixels.split(self._part)
            ]
        return torch.cat(tokens).to("cpu", torch.int16)

    def figures(self, logits: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """Loss and accuracy of the masked positions; logits are computed for no others."""
        logits = logits.float()
        loss = F.cross_entropy(logits, wanted, label_smoothing=self.settings.smoothing)
        return {"loss": loss, "accuracy": (logits.detach().argmax(-1) == wanted).float().mean()}

    def encode(self, captions: Sequence[str]) -> TextStates:
        """Text states on the training device; those of a caption that was met before are not computed again."""
        fresh = [caption for caption in dict.fromkeys(captions) if caption not in self._texts]
        if self._texts_bytes > TEXT_LIMIT_BYTES:
            self._texts.clear()
            self._texts_bytes, fresh = 0, list(dict.fromkeys(captions))
        if fresh:
            told = self.text.encode(fresh)
            for caption, states, mask in zip(fresh, told.states.to(self.device), told.mask, strict=True):
                self._texts[caption] = states[mask.to(self.device)]
                self._texts_bytes += self._texts[caption].nbytes
        states = pad_sequence([self._texts[caption] for caption in captions], batch_first=True)
        lengths = torch.tensor([len(self._texts[caption]) for caption in captions], device=states.device)
        return TextStates(states, torch.arange(states.shape[1], device=states.device) < lengths[:, None])


@torch.no_grad()
def begin_with_codebook(codebook: Tensor, embedding: nn.Embedding, out: nn.Linear | None = None) -> None:
    """Sets embeddings, and the weights of the logits, so that tokens that look alike begin alike.

    Each is a random linear map of the code plus a little of its own. Without this, a transformer learns what each of a
    thousand tokens looks like one by one, from the few times that each occurs.
    """
    codes = codebook.detach().float().cpu()
    spread = codes.std(0).clamp_min(1e-6)
    codes = (codes - codes.mean(0)) / spread.sqrt()  # between the codebook's own metric and all directions alike
    codes = codes / codes.pow(2).mean().sqrt()
    _begin_with_codes(codes, embedding.weight, EMBEDDING_SPREAD)
    if out is not None:
        _begin_with_codes(codes, out.weight, 0.7 * out.in_features**-0.5)


def _begin_with_codes(codes: Tensor, weight: Tensor, scale: float) -> None:
    drawn = codes @ torch.randn(codes.shape[1], weight.shape[1]) * codes.shape[1] ** -0.5
    weight[: len(codes)] = scale * (drawn + OWN_SHARE * torch.randn_like(drawn))


def random_masks(shape: torch.Size, rng: np.random.Generator, regions: float = 0.0) -> Tensor:
    """bool [B, h, w], True where a token is to be predicted: a share cos(pi u / 2) of each row, at least one token.

    regions: share of rows of which that is a share of a random rectangle, and all around it is known.
    """
    rows, side = shape[0], shape[1] * shape[2]
    ratios = np.array([training_mask_ratio(u) for u in rng.random(rows)])
    inside = np.ones((rows, *shape[1:]), bool)
    order = rng.random((rows, side))
    for row in np.flatnonzero(rng.random(rows) < regions):
        inside[row] = _rectangle(shape[1], shape[2], rng)
    inside = inside.reshape(rows, side)
    count = np.maximum(1, np.round(ratios * inside.sum(1)))
    places = torch.from_numpy(np.where(inside, order, 2.0)).argsort(1).argsort(1)
    return (places < torch.from_numpy(count)[:, None]).view(shape)


def _rectangle(height: int, width: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """bool [h, w]: a quarter to all of each side, often up to an edge: a thing beside another, half a picture."""
    inside = np.ones((height, width), bool)
    for axis, length in enumerate((height, width)):
        size = int(rng.integers(max(1, length // 4), length + 1))
        first = int(np.clip(rng.integers(-length // 4, length - size + length // 4 + 1), 0, length - size))
        along = np.zeros(length, bool)
        along[first : first + size] = True
        inside &= along[:, None] if axis == 0 else along[None]
    return inside


class BaseTask(MaskedTask):
    """The base transformer."""

    name = "base"

    def __init__(self, config: BaseConfig, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.sizes = config
        model = BaseTransformer(config)
        begin_with_codebook(self.tokenizers[0].codebook, model.tokens, model.head.out)
        self.module = model.to(self.device)

    def config(self) -> dict[str, Any]:
        return {"base": self.sizes, "masked": self.settings}

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        model = self.module
        assert isinstance(model, BaseTransformer)
        text = self.encode(batch.captions)
        tokens = batch.base.masked_fill(batch.masked, model.mask_token)
        with torch.autocast(self.device.type, torch.bfloat16):
            features = model.features(tokens, model.prepare(text.states, text.mask))
            logits = model.head(features[batch.masked])
        return self.figures(logits, batch.base[batch.masked])

    @torch.no_grad()
    def sheet(self, module: nn.Module) -> Image:
        assert isinstance(module, BaseTransformer)
        text, empty = self.encode(self.prompts), self.encode([""] * len(self.prompts))
        plan = StagePlan(steps=16, guidance=3.0, temperature=1.5)
        with torch.autocast(self.device.type, torch.bfloat16):
            with_text = module.prepare(text.states, text.mask)
            without = module.prepare(empty.states, empty.mask)

            def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
                said, unsaid = module(tokens, with_text, wanted), module(tokens, without, wanted)
                return guide(said, unsaid, per_token(guidance, wanted))

            start = torch.zeros(len(self.prompts), 16, 16, dtype=torch.int64, device=self.device)
            noise = RowNoise(range(len(self.prompts)), "base")
            *_, last = decode(predict, start, start > 0, module.mask_token, plan, "base", noise)
            pictures = torch.cat([self.tokenizers[0].decode(one) for one in last.tokens.split(4)])
        return contact_sheet(to_pixels(pictures), self.prompts, columns=8)


class SuperResTask(MaskedTask):
    """The super-resolution transformer; its tokenizers are the base's and its own."""

    name = "superres"

    def __init__(self, config: SuperResConfig, *args: Any, drafts: str = "", **keywords: Any) -> None:
        """`drafts`: fingerprint of the decoder that drafts are made with, where it is not the tokenizer's first."""
        super().__init__(*args, **keywords)
        self.sizes, self.drafts = config, drafts
        model = SuperResTransformer(config)
        begin_with_codebook(self.tokenizers[0].codebook, model.lowres_tokens)
        fine = self.tokenizers[1].codebook
        begin_with_codebook(fine, model.tokens.tokens, None if config.draft else model.head.out)
        if model.draft is not None:
            begin_with_codebook(fine, model.draft.tokens)
            assert isinstance(model.head, CodeHead)
            model.head.begin(fine)
        self.module = model.to(self.device)

    def config(self) -> dict[str, Any]:
        drafts = {"drafts": self.drafts} if self.drafts else {}
        return {"superres": self.sizes, "masked": self.settings, **drafts}

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        model = self.module
        assert isinstance(model, SuperResTransformer)
        assert batch.superres is not None
        text = self.encode(batch.captions)
        tokens = batch.superres.masked_fill(batch.masked, model.mask_token)
        with torch.autocast(self.device.type, torch.bfloat16):
            context = model.prepare(text.states, text.mask, batch.base, batch.draft if self.sizes.draft else None)
            features = model.features(tokens, context)[batch.masked]
            logits = model.logits(features, None if context.draft is None else context.draft[batch.masked])
        return self.figures(logits, batch.superres[batch.masked])

    @torch.no_grad()
    def sheet(self, module: nn.Module) -> Image:
        """Real low-resolution tokens, super-resolved: original and result side by side."""
        assert isinstance(module, SuperResTransformer)
        batch = self._batch(range(10**9, 10**9 + 6))
        originals = [self.example(number) for number in range(10**9, 10**9 + 6)]
        text = self.encode([one.caption for one in originals])
        with torch.autocast(self.device.type, torch.bfloat16):
            context = module.prepare(text.states, text.mask, batch.base, batch.draft if self.sizes.draft else None)
            start = torch.zeros(6, 64, 64, dtype=torch.int64, device=self.device)
            noise = RowNoise(range(6), "superres")
            plan = StagePlan(steps=8, guidance=0.0, temperature=1.0)

            def predict(tokens: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
                logits: Tensor = module(tokens, context, wanted)
                return logits

            *_, last = decode(predict, start, start > 0, module.mask_token, plan, "superres", noise)
            pictures = torch.cat([self.tokenizers[1].decode(one) for one in last.tokens.split(1)])
        real = [one.superres for one in originals if one.superres is not None]
        pairs = [picture for pair in zip(real, to_pixels(pictures), strict=True) for picture in pair]
        captions = [text for one in originals for text in (one.caption, "super-resolved from its base tokens")]
        return contact_sheet(pairs, captions, columns=4, side=256)


def to_pixels(pictures: Tensor) -> list[NDArray[np.uint8]]:
    """float [B, 3, H, W] in [0, 1] to a list of uint8 [H, W, 3]."""
    return list((pictures * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())
