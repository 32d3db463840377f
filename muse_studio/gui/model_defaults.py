"""The numbers that a cascade folder gives as its own defaults, for showing beside empty fields. Knows no Qt, no torch.

Only shown: the worker reads and checks the folder itself.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from muse_studio.core.cascade_facts import StagePlanFacts
from muse_studio.core.cascade_folder import CASCADE_NAME, plan_facts
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.limits import CASCADE_JSON_LIMIT_BYTES
from muse_studio.core.published_folder import is_published, read_published

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """One for each stage; edit: for editing by prompt, whose steps are iterations.

    takes_loras: whether LoRAs may lie on top, as on published ones.
    """

    base: StagePlanFacts = field(default_factory=StagePlanFacts)
    superres: StagePlanFacts = field(default_factory=StagePlanFacts)
    edit: StagePlanFacts = field(default_factory=StagePlanFacts)
    takes_loras: bool = False


def read_defaults(folder: Path) -> ModelDefaults:
    """The defaults in `cascade.json`, or a published folder's; unknown ones where the file is missing or damaged."""
    try:
        if not (folder / CASCADE_NAME).exists() and is_published(folder):
            return ModelDefaults(read_published(folder).base, takes_loras=True)
        with (folder / CASCADE_NAME).open("rb") as file:
            read: Any = json.loads(file.read(CASCADE_JSON_LIMIT_BYTES))
        defaults = read["defaults"]
        edit = {**defaults.get("edit", {})}
        edit["steps"] = edit.get("iterations")
        return ModelDefaults(plan_facts(defaults["base"]), plan_facts(defaults["superres"]), plan_facts(edit))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, MuseStudioError) as fault:
        log.info("no defaults read from %s: %r", folder, fault)
        return ModelDefaults()
