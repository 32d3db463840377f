"""Build hook: a wheel carries the model and the resources that a source checkout has beside the package.

An editable install (what `make setup` does) needs no copy: muse_studio/places.py finds the originals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Bundle(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `models/default` and `resources` as `muse_studio/bundled/…`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for folder in ("models/default", "resources"):
            source = Path(self.root) / folder
            if source.is_dir():
                build_data["force_include"][str(source)] = f"muse_studio/bundled/{folder}"
