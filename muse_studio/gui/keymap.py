"""Which keys each command has: the program's own, and the ones a person chose instead. Knows nothing about widgets.

Keys are portable texts as QKeySequence writes them ("Ctrl+Shift+Z"), so that settings mean the same on every system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence

Keys = tuple[str, ...]


def portable(keys: str) -> str:
    """The one way of writing these keys; "" for what is no key."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


class Keymap:
    """The keys of every command. `on_change` is called with the names of the commands whose keys are others now."""

    def __init__(self, defaults: Mapping[str, Keys], chosen: Mapping[str, Keys] | None = None) -> None:
        """chosen: what was kept from before; names that are no commands any more are forgotten."""
        self._defaults = {name: _clean(keys) for name, keys in defaults.items()}
        self._chosen: dict[str, Keys] = {}
        self.on_change: list[Callable[[frozenset[str]], object]] = []
        for name, keys in (chosen or {}).items():
            if name in self._defaults and _clean(keys) != self._defaults[name]:
                self._chosen[name] = _clean(keys)

    def __getitem__(self, name: str) -> Keys:
        return self._chosen.get(name, self._defaults[name])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._defaults)

    @property
    def chosen(self) -> Mapping[str, Keys]:
        """Only what differs from the program's own: what is worth keeping."""
        return dict(self._chosen)

    def is_changed(self, name: str) -> bool:
        return name in self._chosen

    def holder(self, key: str, besides: str = "") -> str | None:
        """The command that has this key, if another than `besides` has it."""
        wanted = portable(key)
        return next((name for name in self._defaults if name != besides and wanted in self[name]), None)

    def assign(self, name: str, keys: Keys) -> None:
        """Give a command these keys and no others; a command that had one of them loses it."""
        cleaned = _clean(keys)
        changed = {name}
        for other in self._defaults:
            kept = tuple(key for key in self[other] if key not in cleaned)
            if other != name and kept != self[other]:
                self._set(other, kept)
                changed.add(other)
        self._set(name, cleaned)
        self._tell(changed)

    def reset(self, name: str) -> None:
        """The command's own keys again, taken from whoever got them meanwhile."""
        self.assign(name, self._defaults[name])

    def reset_all(self) -> None:
        """The program's own keys everywhere."""
        changed = set(self._chosen)
        self._chosen.clear()
        self._tell(changed)

    def _set(self, name: str, keys: Keys) -> None:
        if keys == self._defaults[name]:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = keys

    def _tell(self, changed: set[str]) -> None:
        for listener in self.on_change:
            listener(frozenset(changed))


def _clean(keys: Keys) -> Keys:
    """Each key once, in its one way of writing, without what is no key."""
    written = (portable(key) for key in keys)
    return tuple(dict.fromkeys(key for key in written if key))
