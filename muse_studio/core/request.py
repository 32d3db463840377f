"""What is asked of the model, as one frozen value. Knows nothing about tensors, documents or the queue.

Equal requests on the same device give equal tokens, so everything that determines a result is in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import PROMPT_LIMIT_CHARACTERS
from muse_studio.core.loras import LoraUse, check_uses
from muse_studio.core.tokens import TokenGrid, TokenState

__all__ = [
    "PROMPT_LIMIT_CHARACTERS",
    "SIZES_PX",
    "CleanPrompt",
    "EditRequest",
    "Mode",
    "Reached",
    "StagePlan",
    "clean_prompt",
    "frame_side",
]

SIZES_PX = (limits.BASE_SIDE_PX, limits.FRAME_SIDE_PX, limits.LARGE_SIDE_PX)
"""Sides that results may have. Which of them a model makes, it says itself."""
REROLL_SHARE = 0.1
"""Of the base tokens: about 26 of 256, an object's doubtful parts and not the object."""
_KEPT_CONTROLS = "\n\t"


class Mode(StrEnum):
    """Which tokens are unknown.

    GENERATE:  all of them.
    INPAINT:   those under the brush.
    EDIT:      a random few, again and again. Muse 3.3.
    CONTINUE:  those that a step of either of the first two had not decided yet.
    REROLL:    those that the model, asked about each, is least sure of.
    RETEXTURE: those of super-resolution only.
    """

    GENERATE = "generate"
    INPAINT = "inpaint"
    EDIT = "edit"
    CONTINUE = "continue"
    REROLL = "reroll"
    RETEXTURE = "retexture"


@dataclass(frozen=True, slots=True)
class CleanPrompt:
    """A prompt the model may have, and what a person is told about the difference (None: nothing was changed)."""

    text: str
    notice: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Where an edit by prompt stands. Compared by value. MuseStudioError(BAD_REQUEST) for what can't be that.

    tokens:     of its base grid, all of them meant; what is decided says nothing here.
    iterations: how many it has taken, 1 to STEPS_LIMIT.
    """

    tokens: NDArray[np.int32]
    iterations: int

    def __post_init__(self) -> None:
        _check_whole("iterations", self.iterations, 1, limits.STEPS_LIMIT)
        tokens = np.asarray(self.tokens)
        object.__setattr__(self, "tokens", TokenGrid.whole(tokens).tokens)  # refuses what is no grid

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reached):
            return NotImplemented
        return self.iterations == other.iterations and np.array_equal(self.tokens, other.tokens)

    def __hash__(self) -> int:
        return hash((self.iterations, self.tokens.tobytes()))


def frame_side(size: int) -> int:
    """Side in px of the square that a request of this size carries: no smaller than what artists paint on."""
    return max(limits.FRAME_SIDE_PX, size)


def clean_prompt(text: str) -> CleanPrompt:
    """Cut to PROMPT_LIMIT_CHARACTERS and freed of characters that no file or tokenizer takes.

    Removed are control characters other than newline and tab, and lone surrogates. Line ends become newlines.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(character for character in lines if _allowed(character))
    notices = []
    if len(kept) != len(lines):
        notices.append(f"{len(lines) - len(kept):,} unreadable characters were removed from the prompt.")
    if len(kept) > PROMPT_LIMIT_CHARACTERS:
        cut = len(kept) - PROMPT_LIMIT_CHARACTERS
        notices.append(f"The prompt was cut to {PROMPT_LIMIT_CHARACTERS:,} characters; the last {cut:,} are not used.")
        kept = kept[:PROMPT_LIMIT_CHARACTERS]
    return CleanPrompt(kept, " ".join(notices) or None)


def _allowed(character: str) -> bool:
    code = ord(character)
    if code < 0x20:
        return character in _KEPT_CONTROLS
    return not (0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How one stage decodes. None means the model's own default. MuseStudioError(BAD_REQUEST) out of range.

    steps:       1 to STEPS_LIMIT.
    guidance:    the paper's t, 0 to GUIDANCE_LIMIT; 0 is none.
    temperature: of the noise on confidence, 0 to TEMPERATURE_LIMIT.
    """

    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None

    def __post_init__(self) -> None:
        if self.steps is not None:
            _check_whole("steps", self.steps, 1, limits.STEPS_LIMIT)
        if self.guidance is not None:
            _check_number("guidance", self.guidance, limits.GUIDANCE_LIMIT)
        if self.temperature is not None:
            _check_number("temperature", self.temperature, limits.TEMPERATURE_LIMIT)

    def settings(self) -> dict[str, int | float | None]:
        """As JSON-able values."""
        return {"steps": self.steps, "guidance": self.guidance, "temperature": self.temperature}


@dataclass(frozen=True, slots=True, eq=False)
class EditRequest:
    """All that determines a result. Compared by value, pixels included.

    prompt, negative_prompt: as `clean_prompt` leaves them; BAD_PROMPT otherwise. Empty is allowed.
    seed:    0 to 2**32 - 1; of the first variation, those of the others count up from it.
    size:    side of the result in px, one of SIZES_PX; of a cascade with two stages 256 is the base stage only.
    superres: of no effect where there is no super-resolution.
    base:    of EDIT the steps are iterations, the guidance is the same in all of them, and the temperature is not used.
    picture: uint8 [S, S, 3] sRGB, the frame's pixels; S is `frame_side`. Never for GENERATE. Kept as a read-only copy.
    mask:    uint8 [S, S], any value above 0 regenerates; INPAINT needs one, GENERATE and EDIT take none. REROLL and
             RETEXTURE without one may change everything. Kept as a read-only copy.
    tokens:  CONTINUE: what was decided, under the mask if there is one; picture and mask come together or not at all.
             EDIT, REROLL and RETEXTURE: the whole picture's, instead of the picture itself.
    share:   of the base tokens that REROLL makes anew, above 0, at most 1.
    count:   variations, 1 to VARIATIONS_LIMIT: as many results, each of its own seed.
    strength: of the base tokens under INPAINT's mask, the share that is made anew, above 0, at most 1; which ones they
             are is the seed's choice. The others stay, and guide what comes beside them; detail is made anew under the
             whole mask. CONTINUE goes on from such a step.
    reached: EDIT only: where an edit of the same picture or tokens stands; the iterations after it are made.
    loras:   what is put on top of a published cascade, each file once; at most LORAS_LIMIT.
    """

    mode: Mode
    prompt: str
    negative_prompt: str = ""
    seed: int = 0
    size: int = limits.FRAME_SIDE_PX
    base: StagePlan = field(default_factory=StagePlan)
    superres: StagePlan = field(default_factory=StagePlan)
    picture: NDArray[np.uint8] | None = None
    mask: NDArray[np.uint8] | None = None
    tokens: TokenState | None = None
    share: float = REROLL_SHARE
    count: int = 1
    strength: float = 1.0
    reached: Reached | None = None
    loras: tuple[LoraUse, ...] = ()

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "mode", Mode(self.mode))
        except ValueError as fault:
            raise _bad_request(f"there is no mode {self.mode!r}; it is one of {', '.join(Mode)}") from fault
        _check_prompt("prompt", self.prompt)
        _check_prompt("negative prompt", self.negative_prompt)
        _check_whole("seed", self.seed, 0, limits.SEED_LIMIT - 1)
        if self.size not in SIZES_PX or isinstance(self.size, bool):
            raise _bad_request(f"the size is one of {', '.join(map(str, SIZES_PX))}, not {self.size!r}")
        _check_number("share", self.share, 1.0)
        if self.share == 0:
            raise _bad_request("share is the part of the picture to make anew; at 0 nothing would change")
        _check_number("strength", self.strength, 1.0)
        if self.strength == 0:
            raise _bad_request("strength is the part of the mask to make anew; at 0 nothing would change")
        _check_whole("count", self.count, 1, limits.VARIATIONS_LIMIT)
        if self.mode is Mode.RETEXTURE and self.size != limits.FRAME_SIDE_PX:
            raise _bad_request(f"new detail is made at {limits.FRAME_SIDE_PX} px; {self.size} px have none")
        object.__setattr__(self, "loras", check_uses(self.loras))
        self._check_material()
        self._keep_pixels()

    @property
    def seeds(self) -> tuple[int, ...]:
        """One for each variation; after the largest seed comes 0."""
        return tuple((int(self.seed) + number) % limits.SEED_LIMIT for number in range(self.count))

    @property
    def frame_side(self) -> int:
        """Side in px of picture and mask."""
        return frame_side(self.size)

    def variation(self, number: int) -> EditRequest:
        """The request that makes this one of the variations, counted from 0, and no other."""
        return replace(self, seed=self.seeds[number], count=1)

    def _check_material(self) -> None:
        """Whether picture, mask and tokens are those that the mode works on."""
        has_picture, has_mask, has_tokens = (part is not None for part in (self.picture, self.mask, self.tokens))
        match self.mode:
            case Mode.GENERATE:
                if has_picture or has_mask or has_tokens:
                    raise _bad_request("generating from nothing takes no picture, mask or tokens; choose inpainting")
            case Mode.INPAINT:
                if has_tokens:
                    raise _bad_request("inpainting begins from a picture; to go on from tokens, continue")
            case Mode.CONTINUE:
                if not has_tokens or has_picture != has_mask:
                    raise _bad_request("continuing needs a step's tokens, and a picture only together with its mask")
            case _:
                if has_picture == has_tokens:
                    raise _bad_request(f"{self.mode.value} begins from a picture or from its tokens: give one of them")
        if self.mode is Mode.EDIT and has_mask:
            raise _bad_request("editing by prompt alone takes no mask; choose inpainting")
        if self.reached is not None and self.mode is not Mode.EDIT:
            raise _bad_request("only an edit by prompt goes on from an iteration")

    def _keep_pixels(self) -> None:
        shape = (self.frame_side, self.frame_side)
        if self.picture is not None or self.mode is Mode.INPAINT:
            object.__setattr__(self, "picture", _read_only(self.picture, (*shape, 3), ErrorKind.BAD_REQUEST))
        if self.mask is not None or self.mode is Mode.INPAINT:
            object.__setattr__(self, "mask", _read_only(self.mask, shape, ErrorKind.BAD_MASK))

    def settings(self) -> dict[str, Any]:
        """Everything but pixels and tokens, as JSON-able values; `from_settings` reads it back."""
        return {
            "mode": self.mode.value,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "seed": int(self.seed),
            "size": int(self.size),
            "base": self.base.settings(),
            "superres": self.superres.settings(),
            "share": float(self.share),
            "count": int(self.count),
            "strength": float(self.strength),
            **({"loras": [use.settings() for use in self.loras]} if self.loras else {}),
        }

    @classmethod
    def from_settings(
        cls,
        settings: Mapping[str, Any],
        picture: NDArray[np.uint8] | None = None,
        mask: NDArray[np.uint8] | None = None,
        tokens: TokenState | None = None,
        reached: Reached | None = None,
    ) -> EditRequest:
        """The request whose `settings()` these are. MuseStudioError(BAD_REQUEST) for unknown or missing fields."""
        try:
            fields = dict(settings)
            mode = Mode(fields.pop("mode"))
            base, superres = StagePlan(**fields.pop("base")), StagePlan(**fields.pop("superres"))
            loras = tuple(map(LoraUse.from_settings, fields.pop("loras", ())))
            material: dict[str, Any] = {"picture": picture, "mask": mask, "tokens": tokens, "reached": reached}
            return cls(mode=mode, base=base, superres=superres, loras=loras, **material, **fields)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise _bad_request("the settings are damaged", repr(fault)) from fault

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EditRequest):
            return NotImplemented
        return (
            self.settings() == other.settings()
            and _same_pixels(self.picture, other.picture)
            and _same_pixels(self.mask, other.mask)
            and self.tokens == other.tokens
            and self.reached == other.reached
        )

    def __hash__(self) -> int:
        return hash((self.mode, self.prompt, self.negative_prompt, self.seed, self.size, self.base, self.superres))


def _same_pixels(first: NDArray[np.uint8] | None, second: NDArray[np.uint8] | None) -> bool:
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)


def _read_only(pixels: object, shape: tuple[int, ...], kind: ErrorKind) -> NDArray[np.uint8]:
    name = "mask" if kind is ErrorKind.BAD_MASK else "picture"
    wanted = " × ".join(map(str, shape))
    if not isinstance(pixels, np.ndarray):
        raise MuseStudioError(kind, f"This needs a {name} of {wanted} values.", f"got {type(pixels)}")
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        message = f"The {name} must be {wanted} bytes; this one is {pixels.dtype} {pixels.shape}."
        raise MuseStudioError(kind, message)
    copy: NDArray[np.uint8] = np.array(pixels, dtype=np.uint8, order="C")
    copy.flags.writeable = False
    return copy


def _check_prompt(name: str, text: object) -> None:
    if not isinstance(text, str):
        raise MuseStudioError(ErrorKind.BAD_PROMPT, f"The {name} must be text.", f"got {type(text)}")
    if len(text) > PROMPT_LIMIT_CHARACTERS:
        message = f"The {name} has {len(text):,} characters; shorten it to {PROMPT_LIMIT_CHARACTERS:,}."
        raise MuseStudioError(ErrorKind.BAD_PROMPT, message)
    if not all(map(_allowed, text)):
        raise MuseStudioError(ErrorKind.BAD_PROMPT, f"The {name} holds unreadable characters; remove them.")


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= value <= most:
        raise _bad_request(f"{name} must be a whole number from {least} to {most}, not {value!r}")


def _check_number(name: str, value: object, most: float) -> None:
    sound = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
    if not sound:  # NaN and infinities fail the comparison
        raise _bad_request(f"{name} must be a number from 0 to {most:g}, not {value!r}")


def _bad_request(reason: str, detail: str = "") -> MuseStudioError:
    return MuseStudioError(ErrorKind.BAD_REQUEST, f"The request cannot be run: {reason}.", detail)
