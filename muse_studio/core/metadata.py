"""The settings of a request as text inside a PNG, and back. Knows nothing about PNG itself.

Two texts: `parameters`, the lines that AUTOMATIC1111's web UI made common and many tools read, and `muse_studio`, our
own JSON with everything but the pixels: the settings, facts about the result, and the tokens it was made of, or where
its decode stood. Both come back from strangers, so reading trusts nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.loras import sound_uses, tags, without_tags
from muse_studio.core.request import EditRequest, Mode, StagePlan, clean_prompt
from muse_studio.core.tokens import TokenState, tokens_from_json, tokens_to_json

FORMAT = 1  # of the JSON; raised when an older reader would misunderstand it
_OWN_KEY = "muse_studio"
_COMMON_KEY = "parameters"
_NEGATIVE = "Negative prompt: "
_SAMPLER = "Muse"
_PAIR = re.compile(r"\s*([\w ]{1,40}):\s*([^,]{1,200})(?:,|$)")


def request_text(
    request: EditRequest, extra: Mapping[str, Any] | None = None, tokens: TokenState | None = None
) -> dict[str, str]:
    """Text chunks for `pictures.encode_png`.

    extra:  JSON-able facts about the result, such as {"model": name, "version": version, "seconds": 3.2}.
    tokens: those of a finished picture or of a step. A finished picture's facts need its `pixels_digest` as "pixels",
            or nobody will believe that the tokens are still the picture's.
    """
    return settings_text(request.settings(), extra, tokens)


def settings_text(
    settings: Mapping[str, Any], extra: Mapping[str, Any] | None = None, tokens: TokenState | None = None
) -> dict[str, str]:
    """As `request_text`, from a request's `settings()`; {} if they are not sound."""
    try:
        _check(settings)
    except (KeyError, ValueError, TypeError, AttributeError, MuseStudioError):
        return {}
    facts = dict(extra or {})
    own = {"format": FORMAT, "request": dict(settings), **({"extra": facts} if facts else {})}
    if tokens is not None:
        own["tokens"] = tokens_to_json(tokens)
    return {
        _COMMON_KEY: _common_text(settings, facts),
        _OWN_KEY: json.dumps(own, ensure_ascii=True, sort_keys=True, default=str),
    }


def read_request_text(text: Mapping[str, str]) -> dict[str, Any] | None:
    """Settings as `EditRequest.settings()` gives them, from a picture's text; None if there are none that are sound.

    Facts stored beside them are under "extra". Our own text is preferred to the common one, of which prompts, seed,
    steps and guidance are understood.
    """
    for key, reader in ((_OWN_KEY, _read_own), (_COMMON_KEY, _read_common)):
        try:
            settings = reader(text[key])
            _check(settings)
            return settings
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError, MuseStudioError):
            continue  # damaged, foreign, or from a newer program: as good as absent
    return None


def read_tokens(text: Mapping[str, str]) -> TokenState | None:
    """The tokens in a picture's text, whatever the picture now shows; None if there are none that are sound."""
    try:
        own = json.loads(text[_OWN_KEY])
        return tokens_from_json(own["tokens"]) if own["format"] == FORMAT else None
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, MuseStudioError):
        return None


def tokens_of(pixels: NDArray[np.uint8], text: Mapping[str, str]) -> TokenState | None:
    """The tokens that a picture, uint8 [H, W, 3 or 4], was made of; None if it carries none or was painted on since."""
    settings = read_request_text(text)
    digest = settings["extra"].get("pixels") if settings and "extra" in settings else None
    return read_tokens(text) if digest == pixels_digest(pixels) else None


def pixels_digest(pixels: NDArray[np.uint8]) -> str:
    """Tells whether a picture, uint8 [H, W, 3 or 4], is still the same; what is opaque counts as without alpha."""
    if pixels.shape[2] == 4 and (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3]
    whole = hashlib.blake2b(repr(pixels.shape).encode() + pixels.tobytes(), digest_size=16)
    return whole.hexdigest()


def _check(settings: Mapping[str, Any]) -> None:
    """MuseStudioError unless a request can be made of the settings; the mode only says what pixels it had."""
    Mode(settings["mode"])
    fields = {key: value for key, value in settings.items() if key != "extra"}
    if not isinstance(settings.get("extra", {}), dict):
        raise TypeError("facts that are no table")
    EditRequest.from_settings({**fields, "mode": Mode.GENERATE})


def _read_own(text: str) -> dict[str, Any]:
    own = json.loads(text)
    if own["format"] != FORMAT:
        raise ValueError("another format")
    settings = dict(own["request"])
    extra = own.get("extra")
    return {**settings, "extra": dict(extra)} if extra else settings


def _common_text(settings: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    base, size = settings.get("base", {}), settings.get("size", limits.FRAME_SIDE_PX)
    loras = sound_uses(settings.get("loras"))
    lines = [f"{settings['prompt']} {tags(loras)}" if loras else settings["prompt"]]
    if settings.get("negative_prompt"):
        lines.append(_NEGATIVE + settings["negative_prompt"])
    pairs: dict[str, object] = {"Sampler": _SAMPLER, "Seed": settings.get("seed", 0), "Size": f"{size}x{size}"}
    if base.get("steps") is not None:
        pairs["Steps"] = base["steps"]
    if base.get("guidance") is not None:
        pairs["CFG scale"] = round(1 + base["guidance"], 4)  # others count from 1 where the paper's t counts from 0
    if "model" in facts:
        pairs["Model"] = str(facts["model"]).replace(",", " ").replace("\n", " ")
    lines.append(
        ", ".join(f"{key}: {value}" for key, value in sorted(pairs.items(), key=lambda pair: pair[0] != "Steps"))
    )
    return "\n".join(lines)


def _read_common(text: str) -> dict[str, Any]:
    lines = text.strip().split("\n")
    pairs = {key.strip().lower(): value.strip() for key, value in _PAIR.findall(lines[-1])}
    if "seed" not in pairs:
        raise ValueError("not a line of parameters")
    prompt, _, negative = "\n".join(lines[:-1]).partition(_NEGATIVE)
    if pairs.get("sampler") == _SAMPLER:
        prompt = without_tags(prompt)  # a name alone does not tell a LoRA, and is no word of the prompt
    steps = int(pairs["steps"]) if "steps" in pairs else None
    guidance = float(pairs["cfg scale"]) - 1 if "cfg scale" in pairs else None
    plan = StagePlan(
        steps=None if steps is None else min(max(steps, 1), limits.STEPS_LIMIT),
        guidance=None if guidance is None else min(max(guidance, 0.0), limits.GUIDANCE_LIMIT),
    )
    request = EditRequest(
        Mode.GENERATE,
        clean_prompt(prompt.strip()).text,
        clean_prompt(negative.strip()).text,
        seed=int(pairs["seed"]) % limits.SEED_LIMIT,
        base=plan,
    )
    return request.settings()
