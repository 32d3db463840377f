"""The whole cascade: text and tokens in, decode steps out. Knows nothing about requests, windows or other processes.

Frozen text encoder, base transformer, super-resolution transformer and two tokenizers, in one object that samples,
tokenizes, decodes and previews. Every mode is a choice of starting tokens and of the known ones.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from muse_studio.muse.any_cascade import StageTraits, Traits
from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.cascade_text import load_text
from muse_studio.muse.checkpoint import TEXT_ENCODER_FOLDER, load_weights, read_cascade_json, save_folder
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.device import end_step, xla_hardware
from muse_studio.muse.doubt import confidence_of
from muse_studio.muse.editing import edit, unchanged_cells
from muse_studio.muse.folder import Folder
from muse_studio.muse.guidance import Guidance, Way
from muse_studio.muse.int8 import is_quantised, multiplies_in_int8, quantise_transformers
from muse_studio.muse.lodging import Home
from muse_studio.muse.memory import job_bytes
from muse_studio.muse.plans import DecodeStep, EditPlan, KnownGrids, Reached, Stage, StagePlan, TokenGrids
from muse_studio.muse.presets import build_modules
from muse_studio.muse.sampling import Predict, RowNoise, course, decode
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.text import TextEncoder, TextStates
from muse_studio.muse.vqgan import VQGAN, draft_tokens

Report = Callable[[float, str], None]
"""(share done in [0, 1], what is being done)"""

_TITLES = {
    "base": "base transformer",
    "superres": "super-resolution transformer",
    "base_vqgan": "base tokenizer",
    "superres_vqgan": "super-resolution tokenizer",
}
BASE_PX = 256
SUPERRES_PX = 512
REMEMBERED_PROMPTS = 16  # a prompt with its negative takes 2 MB at T5-XXL's width; artists go back to the last few


def working_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies in it, else float32: a fixed property of the machine and no timing.

    For whoever cannot remember a measurement; the worker and the command line can, see `precision`. CPUs with
    AVX512-BF16 or AMX run the default model's products at 2.4 to 3 times their float32 rate; others at 0.55 to 0.75.
    """
    if device.type == "cpu":
        supported = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
        return torch.bfloat16 if any(check and check() for check in supported) else torch.float32
    if device.type == "xla":
        return torch.bfloat16 if xla_hardware() == "TPU" else torch.float32
    return torch.float32 if device.type == "mps" else torch.bfloat16


class Cascade:
    """Ready to sample. All modules are frozen, on one device and in one dtype; the text encoder stays float32."""

    def __init__(
        self,
        config: CascadeConfig,
        modules: dict[str, nn.Module],
        text: TextEncoder,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """`modules`: by the names of `build_modules`."""
        self.config, self.text = config, text
        self.device, self.dtype = torch.device(device), dtype
        self.guidance = Guidance()
        self._encoded: OrderedDict[tuple[str, ...], TextStates] = OrderedDict()
        for module in modules.values():
            module.to(device=self.device, dtype=dtype).eval().requires_grad_(False)
        base, superres = modules["base"], modules["superres"]
        base_vqgan, superres_vqgan = modules["base_vqgan"], modules["superres_vqgan"]
        assert isinstance(base, BaseTransformer)
        assert isinstance(superres, SuperResTransformer)
        assert isinstance(base_vqgan, VQGAN)
        assert isinstance(superres_vqgan, VQGAN)
        self.base, self.superres = base, superres
        self.base_vqgan, self.superres_vqgan = base_vqgan, superres_vqgan
        for vqgan in (base_vqgan, superres_vqgan):
            vqgan.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def traits(self) -> Traits:
        """What it is: two stages, of which small pictures have the first alone."""
        config, plans = self.config, self.config.defaults
        base, superres = config.base, config.superres
        return Traits(
            config.name, config.licence, (SUPERRES_PX, BASE_PX),
            StageTraits({SUPERRES_PX: base.grid, BASE_PX: base.grid}, base.codebook_size, plans.base),
            StageTraits({SUPERRES_PX: superres.grid}, superres.codebook_size, plans.superres),
            plans.edit,
        )  # fmt: skip

    @classmethod
    def load(
        cls,
        folder: Path,
        device: torch.device | str = "cpu",
        progress: Report | None = None,
        *,
        dtype: torch.dtype | None = None,
        text_home: Home | None = None,
    ) -> Cascade:
        """The verified cascade of a checkpoint folder. Raises CheckpointError; nothing is kept on failure.

        dtype:     of all but the text encoder; None goes by the hardware, see `working_dtype`.
        text_home: where the text encoder's weights are between prompts; None goes by the memory, see `place_text`.
        """
        report = progress or (lambda share, what: None)
        report(0.0, "reading cascade.json")
        checkpoint = read_cascade_json(folder)
        files = Folder(folder, checkpoint.files)
        device = torch.device(device)
        dtype = dtype or working_dtype(device)
        with torch.device("meta"):
            modules = build_modules(checkpoint.config)
        for number, (name, module) in enumerate(modules.items()):
            report(0.1 + 0.15 * number, f"loading the {_TITLES[name]}")
            load_weights(module, files, f"{name}.safetensors", dtype=dtype, device=device)
        if multiplies_in_int8(device, dtype):
            quantise_transformers(modules)
        report(0.7, "loading the text encoder")
        weights = sum(part.numel() for module in modules.values() for part in module.parameters()) * dtype.itemsize
        text = load_text(files, checkpoint.config, device, dtype, weights, text_home)
        report(1.0, "ready")
        return cls(checkpoint.config, modules, text, device, dtype)

    def save(self, folder: Path) -> None:
        """Writes a checkpoint folder with its text encoder, floats in float16. Raises OSError, ValueError; the latter
        also where `load` has rounded the weights to int8."""
        if is_quantised(self.base) or is_quantised(self.superres):
            raise ValueError("weights that were rounded to int8 are not saved: the folder they came from is exact")
        self.text.save(folder / TEXT_ENCODER_FOLDER)
        modules: dict[str, nn.Module] = {
            "base": self.base,
            "superres": self.superres,
            "base_vqgan": self.base_vqgan,
            "superres_vqgan": self.superres_vqgan,
        }
        save_folder(folder, self.config, modules)

    def sample(
        self,
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        base_plan: StagePlan,
        superres_plan: StagePlan | None,
        start: TokenGrids | None = None,
        known: KnownGrids | None = None,
        begun: KnownGrids | None = None,
        *,
        size: int | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the steps of the base stage, then those of super-resolution. Dropping the iterator cancels.

        prompts, seeds: one per picture; negatives: one per picture or one for all, "" for none.
        superres_plan:  None stops after the base stage, for 256-px pictures.
        start, known:   tokens given by the caller and where they must stay; None makes whole pictures.
        begun:          what was known when the decode that this one continues began; see `sampling.course`.
        size:           of no effect: base grids are alike at both sizes, and `superres_plan` says which it is.
        Raises ValueError on lengths that differ, and on known tokens that are not given.
        """
        if known is not None and start is None:
            raise ValueError("known tokens are of use only with the tokens themselves: `start` is missing")
        negatives = _broadcast(prompts, negatives, seeds)
        texts = self._encode(prompts, negatives)
        base = self._start(start.base if start else None, len(prompts), self.config.base.grid)
        base_known = _known(known.base if known else None, base)
        base_begun = None if begun is None else _known(begun.base, base)
        noise, mask_token = RowNoise(seeds, "base"), self.base.mask_token
        for step in decode(self._base(texts), base, base_known, mask_token, base_plan, "base", noise, base_begun):
            base = step.tokens
            end_step(self.device)
            yield step
        if superres_plan is None:
            return
        fine = self._start(start.superres if start else None, len(prompts), self.config.superres.grid)
        fine_known = _known(known.superres if known else None, fine)
        fine_begun = None if begun is None else _known(begun.superres, fine)
        yield from self._finish(texts, base, fine, fine_known, superres_plan, seeds, fine_begun)

    def edit(
        self,
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        start: TokenGrids,
        plan: EditPlan,
        superres_plan: StagePlan | None,
        reached: Reached | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the iterations of mask-free editing, then super-resolution of the last one's tokens. Muse 3.3.

        start: both grids' tokens of the pictures. Super-resolution keeps its tokens where the base token above is
        still the same (ours: what was not edited stays as sharp as it was); with nothing changed it has no steps.
        superres_plan: None stops after the base stage. reached: where an edit of the same pictures stands; only the
        iterations after it are made. Raises ValueError on lengths that differ.
        """
        negatives = _broadcast(prompts, negatives, seeds)
        texts = self._encode(prompts, negatives)
        before = base = self._start(start.base, len(prompts), self.config.base.grid)
        done = 0
        if reached is not None:
            base, done = self._start(reached.tokens, len(prompts), self.config.base.grid), reached.iterations
        for step in edit(self._base(texts), base, self.base.mask_token, plan, RowNoise(seeds, "base"), done):
            base = step.tokens
            end_step(self.device)
            yield step
        if superres_plan is None:
            return
        fine = self._start(start.superres, len(prompts), self.config.superres.grid)
        known = unchanged_cells(before, base, self.config.superres.grid) & (start.superres is not None)
        yield from self._finish(texts, base, fine, known, superres_plan, seeds)

    def _finish(
        self,
        texts: TextStates,
        base: Tensor,
        fine: Tensor,
        known: Tensor,
        plan: StagePlan,
        seeds: Sequence[int],
        begun: Tensor | None = None,
    ) -> Iterator[DecodeStep]:
        """Super-resolution of finished base tokens."""
        predict, noise = self._superres(texts, base), RowNoise(seeds, "superres")
        for step in decode(predict, fine, known, self.superres.mask_token, plan, "superres", noise, begun):
            end_step(self.device)
            yield step

    def course(self, plan: StagePlan, known: Tensor, begun: Tensor | None = None) -> range:
        """The steps by which `sample` fixes what is not known, bool [B, h, w], of one stage."""
        rows = len(known) if begun is None else max(len(known), len(begun))
        before = None if begun is None else begun.expand(rows, -1, -1)
        return course(plan, known.expand(rows, -1, -1), before).steps

    @torch.no_grad()
    def confidence(self, prompt: str, base: Tensor) -> Tensor:
        """float32 [B, 16, 16] in [0, 1]: how likely the prompt and the other tokens make each of base tokens."""
        base = base.to(self.device)
        texts = self._encode([prompt] * len(base), [""] * len(base))
        return confidence_of(self._base(texts), base, self.base.mask_token)

    @torch.no_grad()
    def tokenize(self, pictures: Tensor, size: int | None = None) -> TokenGrids:
        """Tokens on both grids of pictures, float [B, 3, 512, 512] in [0, 1], whatever `size` is made of them."""
        pictures = pictures.to(self.device, torch.float32)
        small = nn.functional.interpolate(pictures, size=(BASE_PX, BASE_PX), mode="area")
        return TokenGrids(
            self.base_vqgan.encode(small.to(self.dtype).contiguous(memory_format=torch.channels_last)),
            self.superres_vqgan.encode(pictures.to(self.dtype).contiguous(memory_format=torch.channels_last)),
        )

    @torch.no_grad()
    def picture(self, tokens: Tensor, stage: Stage) -> Tensor:
        """Pictures float32 [B, 3, S, S] in [0, 1] by the full decoder: S is 256 for base tokens, 512 for superres."""
        return self._vqgan(stage).decode(tokens)

    @torch.no_grad()
    def preview(self, tokens: Tensor, stage: Stage) -> Tensor:
        """Pictures uint8 [B, s, s, 3], small and cheap: what a person watches while it decodes."""
        return self._vqgan(stage).preview(tokens)

    def job_bytes(self, size: int, count: int, way: Way) -> int:
        """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment."""
        return job_bytes(self.config, size, count, way, self.dtype)

    def _vqgan(self, stage: Stage) -> VQGAN:
        return self.base_vqgan if stage == "base" else self.superres_vqgan

    def cast(self, dtype: torch.dtype) -> None:
        """Computes in another dtype from now on. Weights that were rounded before stay as they were rounded."""
        for module in (self.base, self.superres, self.base_vqgan, self.superres_vqgan):
            module.to(dtype)
        self.dtype = dtype
        self.forget_prompts()

    def forget_prompts(self) -> None:
        """Prompts of earlier jobs are encoded again when they return: the bench times that too."""
        self._encoded.clear()

    @torch.no_grad()
    def _encode(self, prompts: Sequence[str], negatives: Sequence[str]) -> TextStates:
        """States of all prompts, then of all negative prompts; those of the last jobs are remembered."""
        key = (*prompts, *negatives)
        if key not in self._encoded:
            texts = self.text.encode(key)
            self._encoded[key] = TextStates(
                texts.states.to(self.device, self.dtype), texts.mask.to(self.device), texts.cut
            )
        self._encoded.move_to_end(key)
        while len(self._encoded) > REMEMBERED_PROMPTS:
            self._encoded.popitem(last=False)
        return self._encoded[key]

    def _base(self, texts: TextStates) -> Predict:
        with torch.no_grad():
            context = self.base.prepare(texts.states, texts.mask)
        return self.guidance.predict(self.base, context)

    def _superres(self, texts: TextStates, base: Tensor) -> Predict:
        with torch.no_grad():
            draft = self._draft(base).repeat(2, 1, 1) if self.config.superres.draft else None
            context = self.superres.prepare(texts.states, texts.mask, base.repeat(2, 1, 1), draft)
        return self.guidance.predict(self.superres, context)

    def _draft(self, base: Tensor) -> Tensor:
        """Picture by picture, so that a token that is a close choice does not depend on the batch it is made in."""
        return torch.cat([draft_tokens(self.base_vqgan, self.superres_vqgan, row) for row in torch.split(base, 1)])

    def _start(self, tokens: Tensor | None, count: int, grid: int) -> Tensor:
        if tokens is None:
            return torch.zeros(count, grid, grid, dtype=torch.int64, device=self.device)
        return tokens.to(self.device).expand(count, -1, -1)


def _known(known: Tensor | None, tokens: Tensor) -> Tensor:
    if known is None:
        return torch.zeros_like(tokens, dtype=torch.bool)
    return known.to(tokens.device).expand_as(tokens)


def _broadcast(prompts: Sequence[str], negatives: Sequence[str], seeds: Sequence[int]) -> Sequence[str]:
    if len(negatives) == 1:
        negatives = [*negatives] * len(prompts)
    if not prompts or len(negatives) != len(prompts) or len(seeds) != len(prompts):
        raise ValueError(f"{len(prompts)} prompts with {len(negatives)} negative prompts and {len(seeds)} seeds")
    return negatives
