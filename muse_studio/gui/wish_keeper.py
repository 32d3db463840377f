"""Keeps the panel and the document's wishes the same, so that undo covers what a person asks for.

A document in which nothing was asked yet takes what the panel has, once something is changed. Knows no jobs.
"""

from __future__ import annotations

from muse_studio.core.document import Document
from muse_studio.core.wishes import Wishes
from muse_studio.gui.language import tr
from muse_studio.gui.prompt_panel import PromptPanel


class WishKeeper:
    """`follow` after everything that may have changed the document, `note` after a person changed the panel."""

    def __init__(self, panel: PromptPanel) -> None:
        self._panel = panel
        self._document: Document | None = None
        self._first = Wishes()
        self._shown = Wishes()

    def follow(self, document: Document | None) -> None:
        """Show another document's wishes, or those that undo has brought back; without one the panel keeps its own."""
        if document is not self._document:
            self._document = document
            self._panel.prompt.follow_undo(mine=document is None)
            self._panel.negative.follow_undo(mine=document is None)
            if document is not None:
                self._first = self._panel.wishes() if document.wishes == Wishes() else document.wishes
                self._show(document.wishes)
        elif document is not None and document.wishes is not self._shown:
            self._show(document.wishes)

    def note(self, label: str) -> None:
        """What the panel shows is now what the document is asked for, as an undo step of this name."""
        if self._document is not None:
            self._document.set_wishes(self._panel.wishes(), tr(label))
            self._shown = self._document.wishes

    def _show(self, wishes: Wishes) -> None:
        self._shown = wishes
        self._panel.show_wishes(self._first if wishes == Wishes() else wishes)
