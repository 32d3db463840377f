"""The published cascades that can be fetched, as a list, and the box that shows the chosen one and does what it says.

Knows no network: every press goes to the desk. The box is put beside the list by whoever builds the page.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from muse_studio.client.fetches import Fetch, FetchState
from muse_studio.gui.faults import Faults
from muse_studio.gui.fetch_box import FetchBox
from muse_studio.gui.fetch_desk import FetchDesk
from muse_studio.gui.fetch_questions import ask_drop
from muse_studio.gui.fields import heading, vertical
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.model_words import offer_words
from muse_studio.gui.theme import GRID_PX

_ROW_PX = 46
_ROWS_SHOWN = 4


class FetchList(QWidget):
    """A row for each that is not on the shelf."""

    picked = Signal()
    """Another row was chosen by a person, or none is any more."""

    def __init__(self, desk: FetchDesk, faults: Faults) -> None:
        super().__init__()
        self._desk = desk
        self._shown = ""  # the chosen one's name, which stays the same when others come and go
        self.heading, self.rows, self.box = heading(""), QListWidget(), FetchBox()
        self.rows.setFixedHeight(_ROWS_SHOWN * _ROW_PX + 2 * GRID_PX)
        column = vertical(self, 0, GRID_PX)
        column.addWidget(self.heading)
        column.addWidget(self.rows)
        slot, fetches, box = faults.slot, desk.fetches, self.box
        self._hear = slot(self.show_state)
        desk.changed.connect(self._hear)
        self.rows.currentRowChanged.connect(slot(self._pick))
        for signal, act in (
            (box.asked, fetches.ask),
            (box.accepted, fetches.accept),
            (box.declined, fetches.decline),
            (box.paused, fetches.pause),
            (box.resumed, fetches.go_on),
        ):
            signal.connect(slot(lambda act=act: self._do(act)))
        box.dropped.connect(slot(lambda: faults.spawn(self._drop())))
        box.listed.connect(slot(self._list))
        follow_language(self, self._tell)

    @property
    def chosen(self) -> Fetch | None:
        """The one that the box shows; None where no row is chosen."""
        row, offered = self.rows.currentRow(), self._desk.offered
        return offered[row] if 0 <= row < len(offered) else None

    def clear_choice(self) -> None:
        """Something else is shown."""
        self.rows.blockSignals(True)
        self.rows.setCurrentRow(-1)
        self.rows.clearSelection()
        self._shown = ""
        self.rows.blockSignals(False)

    def close_desk(self) -> None:
        """The desk outlives this list and is not to call it again."""
        self._desk.changed.disconnect(self._hear)

    def show_state(self) -> None:
        """Make everything true; the same one stays chosen."""
        offered, chosen = self._desk.offered, self._shown
        words = [offer_words(fetch) for fetch in offered]
        self.setVisible(bool(offered))
        if [self.rows.item(row).text() for row in range(self.rows.count())] != words:
            self.rows.blockSignals(True)
            while self.rows.count() > len(words):
                self.rows.takeItem(self.rows.count() - 1)
            for row, (text, fetch) in enumerate(zip(words, offered, strict=True)):
                if row == self.rows.count():
                    self.rows.addItem(QListWidgetItem())
                self.rows.item(row).setText(text)
                self.rows.item(row).setToolTip(fetch.entry.about)
            names = [fetch.entry.name for fetch in offered]
            self.rows.setCurrentRow(names.index(chosen) if chosen in names else -1)
            self.rows.blockSignals(False)
            if chosen and chosen not in names:  # it is on the shelf now
                self._shown = ""
                self.picked.emit()
        if self.chosen is not None:
            self.box.show_fetch(self.chosen, self._desk.address)

    def _pick(self) -> None:
        fetch = self.chosen
        self._shown = fetch.entry.name if fetch is not None else ""
        self.show_state()
        self.picked.emit()

    def _tell(self) -> None:
        self.heading.setText(tr("Can be fetched"))
        self.rows.setAccessibleName(tr("Published models that can be fetched"))
        self.rows.setToolTip(tr("Open models by others; choose one to see its licence and size"))
        self.show_state()

    def _do(self, act: Callable[[str], None]) -> None:
        if self.chosen is not None:
            act(self.chosen.entry.name)

    def _list(self) -> None:
        if self.chosen is not None:
            self._desk.put_on_shelf(self.chosen)

    async def _drop(self) -> None:
        fetch = self.chosen
        if fetch is None:
            return
        answer = await ask_drop(self.window(), fetch)
        if answer is None:
            return
        if answer:
            self._desk.fetches.delete(fetch.entry.name)
        elif self._desk.fetches.of(fetch.entry.name).state is FetchState.FETCHING:
            self._desk.fetches.pause(fetch.entry.name)
