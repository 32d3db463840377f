"""The LoRA files that a person chose, put on the parts of a cascade and exchanged between two jobs.

Every fault is a sentence for that person, and leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from torch import nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse, file_sha256, unusable
from muse_studio.muse.folder import CheckpointError, UnusableFolder
from muse_studio.weights.lora import Chosen, Loras
from muse_studio.weights.lora_file import Lora, read_lora

NETWORK, TEXT = "transformer", "text_encoder"

FIXED = "The model computes in int8, in which LoRAs cannot be changed any more. Load it in other numbers, or use none."


class HasModel(Protocol):
    """A text encoder, wherever its weights are."""

    @property
    def model(self) -> nn.Module: ...


class Wardrobe:
    """What lies on one cascade: `wear` changes all of it, or nothing.

    The files are read before the model is: one that is none is told at once.
    """

    def __init__(self, uses: Sequence[LoraUse] = ()) -> None:
        """uses: put on from the beginning. MuseStudioError(BAD_MODEL) names the first file that is no LoRA."""
        self._files: dict[str, Lora] = {}
        self._worn: tuple[LoraUse, ...] = ()
        self._chosen = self._read(uses)
        self._keep(uses)
        self._network: Loras | None = None
        self._spoken: Loras | None = None
        self._text: HasModel | None = None
        self.is_fixed = False
        """Whether nothing can be changed any more, since the weights below were rounded."""

    @property
    def worn(self) -> tuple[LoraUse, ...]:
        """What lies on the cascade now."""
        return self._worn

    def dress_network(self, network: nn.Module) -> None:
        """The transformer, as it was loaded. MuseStudioError(BAD_MODEL) where one does not fit."""
        self._network = Loras({NETWORK: network})
        with _in_words(_names(self._worn)):
            self._network.put(_of_part(self._chosen, NETWORK))

    def dress_text(self, model: nn.Module) -> nn.Module:
        """The text encoder, whenever it was loaded; given back."""
        self._spoken = Loras({TEXT: model})
        with _in_words(_names(self._worn)):
            self._spoken.put(_of_part(self._chosen, TEXT))
        return model

    def follow(self, text: HasModel) -> None:
        """Where the text encoder is from now on."""
        self._text = text

    def wear(self, uses: Sequence[LoraUse]) -> bool:
        """From now on these and no others; whether anything has changed.

        Costs nothing where they are there. MuseStudioError says what cannot be used; all is as it was then.
        """
        if _marks(uses) == _marks(self._worn):
            return False
        if self.is_fixed:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, FIXED)
        chosen, before = self._read(uses), self._chosen
        assert self._network is not None
        with _in_words(_names(uses)):
            self._check(chosen)
            self._network.put(_of_part(chosen, NETWORK))
            try:
                if any(TEXT in lora.parts for lora, _ in (*chosen, *before)):
                    self._loras_of_text().put(_of_part(chosen, TEXT))
            except BaseException:
                self._network.put(_of_part(before, NETWORK))
                raise
        self._chosen = chosen
        self._keep(uses)
        return True

    def look(self, path: Path) -> LoraUse:
        """What a file is, if it fits this cascade; nothing is changed. MuseStudioError(BAD_MODEL) says why not."""
        use = LoraUse.of_file(path)
        with _in_words(path.name):
            lora = read_lora(path.expanduser())
            if not self.is_fixed:
                self._check([(lora, 1.0)])
        return use

    def _read(self, uses: Sequence[LoraUse]) -> Chosen:
        return [(self._files.get(use.sha256) or _read(use), use.strength) for use in uses]

    def _keep(self, uses: Sequence[LoraUse]) -> None:
        self._worn = tuple(uses)
        self._files = {use.sha256: lora for use, (lora, _) in zip(uses, self._chosen, strict=True)}

    def _check(self, chosen: Chosen) -> None:
        """Raises CheckpointError where one does not fit."""
        assert self._network is not None
        for lora, _ in chosen:
            strange = set(lora.parts) - {NETWORK, TEXT}
            assert not strange, "no file has other parts"
            self._network.check(_part(lora, NETWORK))
            if TEXT in lora.parts:
                self._loras_of_text().check(_part(lora, TEXT))

    def _loras_of_text(self) -> Loras:
        """A text encoder that was dropped is loaded by this, and dressed as it was."""
        assert self._text is not None
        assert self._text.model is not None
        assert self._spoken is not None
        return self._spoken


def _read(use: LoraUse) -> Lora:
    """MuseStudioError(BAD_MODEL) where the file is none, or not the one that was meant."""
    if not use.path:
        raise unusable(use.name, "its file is not known on this computer; add it")
    path = Path(use.path)
    if file_sha256(path) != use.sha256:
        raise unusable(use.name, "its file has changed since it was added; add it again")
    with _in_words(path.name):
        return read_lora(path)


def _of_part(chosen: Chosen, part: str) -> Chosen:
    return [(_part(lora, part), strength) for lora, strength in chosen if part in lora.parts]


def _part(lora: Lora, part: str) -> Lora:
    return Lora(lora.name, {part: lora.parts[part]} if part in lora.parts else {})


def _marks(uses: Sequence[LoraUse]) -> list[tuple[str, float]]:
    return [(use.sha256, use.strength) for use in uses]


def _names(uses: Sequence[LoraUse]) -> str:
    return ", ".join(use.name for use in uses)


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except (CheckpointError, ValueError, OSError) as fault:
        raise unusable(name, _reason(fault), str(fault)) from fault


def _reason(fault: Exception) -> str:
    """The first problem, and what it is a problem of where that is not the file itself."""
    if not isinstance(fault, CheckpointError) or not fault.problems:
        return str(fault)
    said = isinstance(fault, UnusableFolder)
    return fault.problems[0] if said else f"{fault.message}: {fault.problems[0]}"
