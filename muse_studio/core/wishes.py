"""What an artist asks for beside pixels: words, seed, plan and aim, as one frozen value. Knows no widgets.

A document keeps its own, so that undo and project files cover them; `EditRequest` is made of them and of pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.loras import LoraUse, sound_uses
from muse_studio.core.request import REROLL_SHARE, EditRequest, Mode, StagePlan, clean_prompt


class Aim(StrEnum):
    """What Generate shall do: the modes as an artist thinks of them."""

    FILL = "fill"
    NEW = "new"
    EXTEND = "extend"
    EDIT = "edit"
    REROLL = "reroll"
    RETEXTURE = "retexture"


_AIMS = {
    Mode.GENERATE: Aim.NEW,
    Mode.INPAINT: Aim.FILL,
    Mode.EDIT: Aim.EDIT,
    Mode.REROLL: Aim.REROLL,
    Mode.RETEXTURE: Aim.RETEXTURE,
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the prompt panel asks for; pixels and mask come from the document.

    aim:      None where the document shall suggest one.
    seed:     0 to 2**32 - 1; of the first variation.
    strength: share of what is under the mask that is made anew, above 0, at most 1.
    share:    of the picture, for a re-roll of the doubtful; above 0, at most 1.
    count:    variations, 1 to VARIATIONS_LIMIT.
    size:     side of the result in px, one of SIZES_PX; None is the model's own, whichever it is.
    edit:     instead of `base` where a picture is edited by prompt: its steps are iterations, its guidance has a scale
              of its own, and it has no temperature.
    loras:    what shall lie on top of the model, also those that rest; each file once.
    """

    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    base: StagePlan = field(default_factory=StagePlan)
    superres: StagePlan = field(default_factory=StagePlan)
    aim: Aim | None = None
    strength: float = 1.0
    share: float = REROLL_SHARE
    count: int = 1
    size: int | None = None
    edit: StagePlan = field(default_factory=StagePlan)
    loras: tuple[LoraUse, ...] = ()

    def settings(self) -> dict[str, Any]:
        """As JSON-able values; `from_settings` reads them back."""
        values = {name: getattr(self, name) for name in _PLAIN}
        plans = {name: getattr(self, name).settings() for name in _PLANS}
        loras = {"loras": [{**use.settings(), "on": use.on} for use in self.loras]} if self.loras else {}
        return {**values, **plans, **loras, "aim": self.aim}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Wishes:
        """From a stranger's JSON: what is missing or not sound has its default. Never raises."""
        plain = cls()
        read = {name: _sound(name, settings[name], getattr(plain, name)) for name in _PLAIN if name in settings}
        return cls(
            **read,
            base=_plan(settings.get("base")),
            superres=_plan(settings.get("superres")),
            edit=_plan(settings.get("edit")),
            aim=next((aim for aim in Aim if aim == settings.get("aim")), None),
            loras=sound_uses(settings.get("loras")),
        )


_PLANS = ("base", "superres", "edit")
_PLAIN = tuple(field.name for field in fields(Wishes) if field.name not in (*_PLANS, "aim", "loras"))


def wishes_of(settings: Mapping[str, Any]) -> Wishes:
    """Wishes from settings as `EditRequest.settings()` gives them, once they have been checked by core.

    The iterations of an edit are no steps: what is its base plan as a request is a plan of its own here.
    """
    wishes = Wishes.from_settings({**settings, "edit": {}, "aim": _AIMS.get(Mode(settings["mode"]))})
    if settings["mode"] == Mode.EDIT:
        return replace(wishes, base=StagePlan(), edit=replace(wishes.base, temperature=None))
    return wishes


def _sound(name: str, value: Any, default: Any) -> Any:
    """The value if a request would take it, else the default."""
    if name in ("prompt", "negative_prompt"):
        return clean_prompt(value).text if isinstance(value, str) else default
    if name == "size" and value is None:
        return None
    if name == "strength":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if number and 0 < value <= 1 else default
    try:
        EditRequest(Mode.GENERATE, "", **{name: value})
    except (MuseStudioError, TypeError):
        return default
    return value


def _plan(value: object) -> StagePlan:
    try:
        return StagePlan(**value) if isinstance(value, Mapping) else StagePlan()
    except (MuseStudioError, TypeError):
        return StagePlan()
