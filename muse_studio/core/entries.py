"""One picture of the gallery, in the few words that are listed, searched and sorted. Knows no folder and no pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from muse_studio.core.geometry import Extent
from muse_studio.core.limits import PICTURE_SIDE_LIMIT_PX, PROMPT_LIMIT_CHARACTERS, SEED_LIMIT
from muse_studio.core.metadata import read_request_text
from muse_studio.core.request import Mode
from muse_studio.core.stars import is_starred

NAME = re.compile(r"(\d{8}-\d{6})-(\d{6})-[0-9a-f]{8}\.png")
_NAME_TIME = "%Y%m%d-%H%M%S"
_FACT_CHARACTERS = 200

MODE_WORDS = {
    Mode.GENERATE: "new picture generate",
    Mode.INPAINT: "fill inpaint extend",
    Mode.EDIT: "edit by prompt",
    Mode.CONTINUE: "branch continue",
    Mode.REROLL: "re-roll reroll",
    Mode.RETEXTURE: "re-texture retexture",
}
"""What a mode is searched by: what the buttons call it and what the files do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of the gallery.

    name:        of its file, which says when it was made and is used once.
    made_s:      seconds since 1970, UTC.
    mode:        a Mode's value; "" with the rest where the file carries no settings.
    size_bytes, modified_ns: of the file when it was read: another value means that it must be read again.
    words:       what a search looks at, without capitals.
    """

    name: str
    made_s: float
    extent: Extent
    mode: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    model: str = ""
    starred: bool = False
    size_bytes: int = 0
    modified_ns: int = 0
    words: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        mode = MODE_WORDS[Mode(self.mode)] if self.mode else ""
        seed = "" if self.seed is None else str(self.seed)
        object.__setattr__(
            self, "words", "\n".join((self.prompt, self.negative_prompt, mode, self.model, seed)).casefold()
        )

    @property
    def made(self) -> datetime:
        """In this machine's time."""
        return datetime.fromtimestamp(self.made_s).astimezone()


def entry_name(moment_s: float, token: str) -> str:
    """The name of a new picture's file. token: eight hexadecimal digits that no other picture of the moment has."""
    moment = datetime.fromtimestamp(moment_s, UTC)
    return f"{moment.strftime(_NAME_TIME)}-{moment.microsecond:06d}-{token}.png"


def entry_of(name: str, extent: Extent, text: Mapping[str, str], size_bytes: int = 0, modified_ns: int = 0) -> Entry:
    """What a file says of itself. text: its PNG text, from whomever; what is not sound counts as absent."""
    settings = read_request_text(text) or {}
    model = settings.get("extra", {}).get("model", "")
    return Entry(
        name=name,
        made_s=_moment(name, modified_ns),
        extent=extent,
        mode=settings.get("mode", ""),
        prompt=settings.get("prompt", ""),
        negative_prompt=settings.get("negative_prompt", ""),
        seed=settings.get("seed"),
        model=model[:_FACT_CHARACTERS] if isinstance(model, str) else "",
        starred=is_starred(text),
        size_bytes=size_bytes,
        modified_ns=modified_ns,
    )


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """As JSON-able values."""
    values = asdict(entry)
    del values["words"]
    return {**values, "extent": [entry.extent.width, entry.extent.height]}


def entry_from_json(values: Any) -> Entry:
    """The entry whose `entry_to_json` these are. KeyError, TypeError, ValueError or OverflowError for anything else."""
    fields = dict(values)
    width, height = fields.pop("extent")
    if type(width) is not int or type(height) is not int:
        raise TypeError("not an extent")
    if not (0 < width <= PICTURE_SIDE_LIMIT_PX and 0 < height <= PICTURE_SIDE_LIMIT_PX):
        raise ValueError("not an extent")
    texts = [fields[key] for key in ("name", "mode", "prompt", "negative_prompt", "model")]
    if any(not isinstance(text, str) or len(text) > PROMPT_LIMIT_CHARACTERS for text in texts):
        raise TypeError("not a text")
    seed, made_s = fields["seed"], fields["made_s"]
    if seed is not None and (type(seed) is not int or not 0 <= seed < SEED_LIMIT):
        raise ValueError("not a seed")
    if type(fields["starred"]) is not bool or type(fields["size_bytes"]) is not int:
        raise TypeError("not a flag or a size")
    if type(fields["modified_ns"]) is not int or type(made_s) not in (int, float):
        raise TypeError("not a time")
    datetime.fromtimestamp(made_s, UTC)
    return Entry(extent=Extent(width, height), **{key: value for key, value in fields.items() if key != "words"})


def _moment(name: str, modified_ns: int) -> float:
    """When it was made: as its name says, else when the file was last written."""
    match = NAME.fullmatch(name)
    if match:
        try:
            moment = datetime.strptime(match[1], _NAME_TIME).replace(tzinfo=UTC, microsecond=int(match[2]))
            return moment.timestamp()
        except ValueError:
            pass  # a thirteenth month
    return modified_ns / 1e9
