"""What is told of a cascade: its row in the list, its facts, its card, the memory it needs. Knows no files."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QTextBrowser

from muse_studio.client.fetches import Fetch, FetchState
from muse_studio.core.cascade_facts import CascadeFacts, Proof
from muse_studio.core.needs import Forecast, Outcome
from muse_studio.core.shelf import Cascade
from muse_studio.gui.amounts import download_amount, memory_amount
from muse_studio.gui.language import tr
from muse_studio.gui.sentences import say

_PICTURES_IN_TEXT = re.compile(r"!\[[^\]]*\]\([^)]*\)")


class Card(QTextBrowser):
    """A model card as it was written, headings and tables and all; nothing in it is loaded or followed."""

    def __init__(self) -> None:
        super().__init__()
        self._text: str | None = None
        self.setOpenLinks(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A stranger's text names files and addresses: none is opened."""
        return None

    def show_text(self, markdown: str) -> None:
        if markdown != self._text:
            self._text = markdown
            features = (
                QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
            )
            self.document().setMarkdown(_PICTURES_IN_TEXT.sub("", markdown), features)


def outlook(told: Forecast | None, weights_bytes: int | None = None, free_bytes: int | None = None) -> str:
    """What would be done, in words; where that is not reckoned, what the weights take of what is free."""
    if told is None and weights_bytes is not None and free_bytes is not None:
        amounts = {"model": memory_amount(weights_bytes), "free": memory_amount(free_bytes)}
        said = tr(
            "The model takes {model}, and {free} are free. What a picture takes beside it is not told.", **amounts
        )
        return said if weights_bytes < free_bytes else f"{said} {tr('Choose a smaller model.')}"
    if told is None:
        return tr("What this model needs cannot be told on this device.")
    needs = tr(
        "The model takes {model}, making this {job} more; {free} are left for it.",
        model=memory_amount(told.model_bytes),
        job=memory_amount(told.job_bytes),
        free=memory_amount(max(0, told.free_bytes)),
    )
    if told.outcome is Outcome.PLENTY:
        return f"{needs} {tr('That is plenty.')}"
    if told.outcome is Outcome.HALVES:
        return f"{needs} {tr('Each step is computed in two halves: slower, but the same picture.')}"
    refused = tr("That is too little: before the first step you would be told so.")
    offers = " · ".join(say(offer.label) for offer in told.offers)
    instead = tr("You would be offered: {offers}.", offers=offers) if offers else tr("Choose a smaller model.")
    return f"{needs} {refused} {instead}"


def row_words(cascade: Cascade, used: bool) -> str:
    """Its two lines in the list."""
    if cascade.facts is None:
        return f"{cascade.name}\n{tr('cannot be used')}"
    size = _size(cascade.facts)
    return f"{cascade.name}\n{tr('{size}, in use', size=size) if used else size}"


def offer_words(fetch: Fetch) -> str:
    """The two lines of one that can be fetched."""
    size = fetch.total_bytes or fetch.entry.about_bytes
    percent = 100 * fetch.done_bytes // max(1, fetch.total_bytes or 1)
    if fetch.state is FetchState.FETCHING:
        second = tr("fetching, {percent} %", percent=percent)
    elif fetch.state is FetchState.PAUSED:
        second = tr("paused, {percent} %", percent=percent) if fetch.total_bytes else tr("paused")
    elif fetch.state is FetchState.FAILED:
        second = tr("not fetched: look here")
    elif fetch.state is FetchState.FETCHED:
        second = tr("on this disk")
    else:
        second = fetch.entry.about + (f" · {download_amount(size)}" if size else "")
    return f"{fetch.entry.name}\n{second}"


def facts_words(cascade: Cascade) -> str:
    """Parameters, size, steps, licence; where it lies; and what should be known of its files."""
    lines = [str(cascade.folder)]
    if cascade.facts is not None:
        facts = cascade.facts
        millions = tr("{count} million parameters", count=f"{cascade.parameter_count / 1e6:.1f}")
        licence = tr("Licence: {name}", name=facts.licence or tr("none named"))
        kind = [f"{facts.family}, {facts.sizes[0]} px"] if facts.family else []
        lines.insert(0, "  ·  ".join((*kind, millions, _size(facts), _steps(facts), licence)))
        if facts.proof is Proof.NONE:
            lines.append(tr("Nobody says what these files must be, so whether they were exchanged cannot be told."))
        if cascade.unopened:
            names = ", ".join(cascade.unopened)
            lines.append(tr("These files can run code when they are opened, and never are: {names}", names=names))
    return "\n".join(lines)


def verified_words(facts: CascadeFacts | None) -> str:
    """What is known once no fault was found."""
    proof = Proof.PUBLISHED if facts is None else facts.proof
    if proof is Proof.PUBLISHED:
        return tr("Verified: every file is what was published.")
    if proof is Proof.CACHE:
        return tr("Verified: every file is what the Hub's cache says it is.")
    return tr("Every file is whole. Nobody says what they must be, so whether they were exchanged cannot be told.")


def _size(facts: CascadeFacts) -> str:
    """The same before and after it is fetched."""
    return download_amount(facts.size_bytes)


def _steps(facts: CascadeFacts) -> str:
    if facts.superres is None:
        return tr("{count} steps", count=facts.base.steps or "?")
    return tr("{base} + {superres} steps", base=facts.base.steps or "?", superres=facts.superres.steps or "?")
