"""What the window's model is: the sizes and stages that it has, and its default plans. Knows no widgets.

Until a worker has said it, the numbers are those of the chosen folder, and the shape is that of the model before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from muse_studio.client.surface import StudioClient
from muse_studio.core.cascade_facts import StagePlanFacts
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.wishes import Wishes
from muse_studio.gui.faults import Faults
from muse_studio.gui.language import tr
from muse_studio.gui.model_defaults import ModelDefaults
from muse_studio.ipc.letters import read_shape
from muse_studio.ipc.messages import ModelInfo, Plan


class LoadedModel:
    """Of one window; `on_change` hears of another shape or other defaults."""

    def __init__(self, client: StudioClient, defaults: ModelDefaults, faults: Faults) -> None:
        self.shape = replace(OWN_SHAPE, takes_loras=defaults.takes_loras)
        self.defaults = defaults
        self.on_change: list[Callable[[], None]] = []
        self._client = client
        self._told: ModelInfo | None = None
        self._said: tuple[str, int] | None = None
        client.on_status.append(faults.slot(lambda _: self.look()))
        self.look()

    def look(self) -> None:
        """Take over what the worker has said since."""
        info = self._client.model_info
        if info is None or info is self._told:
            return
        self._told = info
        self.shape = read_shape(info)
        self._take(_defaults_of(info))

    def expect(self, defaults: ModelDefaults) -> None:
        """Another folder was chosen; these are its numbers, as far as it says them."""
        self.shape = replace(self.shape, takes_loras=defaults.takes_loras)
        self._take(defaults)

    @property
    def has_fixed_loras(self) -> bool:
        """Whether it would take LoRAs, and was loaded in numbers in which they can't be changed."""
        return self._told is not None and self._told.loras == "fixed"

    def size_words(self, wishes: Wishes) -> str:
        """What to say of a wished size that this model doesn't make; "" where nothing is to be said, or it was."""
        pair = (self.shape.name, wishes.size or 0)
        if wishes.size is None or wishes.size in self.shape.sizes or pair == self._said:
            return ""
        self._said = pair
        return tr(
            "{name} makes no pictures of {size} px, so they are made at its own size, {own} px.",
            name=self.shape.name or tr("This model"),
            size=wishes.size,
            own=self.shape.own_size,
        )

    def _take(self, defaults: ModelDefaults) -> None:
        self.defaults = defaults
        for listener in tuple(self.on_change):
            listener()


def _defaults_of(info: ModelInfo) -> ModelDefaults:
    base, superres, edit = (_facts(plan) for plan in (info.base, info.superres, info.edit))
    return ModelDefaults(base, superres, edit, takes_loras=info.loras == "taken")


def _facts(plan: Plan | None) -> StagePlanFacts:
    return StagePlanFacts() if plan is None else StagePlanFacts(plan.steps, plan.guidance, plan.temperature)
