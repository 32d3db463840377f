"""One published cascade that is not on the shelf: its terms, a person's consent, how far it is, what went wrong.

A view of one `Fetch`: it is told what to show, and says which button was pressed. Knows no network and no disk.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QWidget

from muse_studio.client.fetches import Fetch, FetchState, Terms
from muse_studio.core.limits import DOWNLOAD_SPARE_BYTES
from muse_studio.gui.amounts import download_amount, duration
from muse_studio.gui.fields import ProgressBar, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.sentences import say
from muse_studio.gui.theme import GRID_PX

_ROWS = 5
_STEPS = 1000


class FetchBox(QWidget):
    """Shows one of them at a time."""

    asked, accepted, declined, paused, resumed, dropped, listed = (Signal() for _ in range(7))
    """What was pressed: get its terms, accept them, not now, pause, go on or try again, give up, put it on the list."""

    def __init__(self) -> None:
        super().__init__()
        self._fetch: Fetch | None = None
        self._address = ""
        self.title, self.facts, self.said = QLabel(), muted("", wrap=True), QLabel()
        self.terms = QWidget()
        self.names, self.values = [muted("") for _ in range(_ROWS)], [_value() for _ in range(_ROWS)]
        self.warning = QLabel()
        self.progress, self.share = ProgressBar(), muted("", wrap=True)
        self.get, self.accept, self.decline, self.pause, self.resume, self.drop, self.list = (
            QPushButton() for _ in range(7)
        )
        self._arrange()
        for button, signal in zip(self._buttons, self._signals, strict=True):
            button.setAutoDefault(False)
            button.clicked.connect(signal)
        follow_language(self, self._tell)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.get, self.accept, self.decline, self.pause, self.resume, self.drop, self.list

    @property
    def _signals(self) -> tuple[SignalInstance, ...]:
        return self.asked, self.accepted, self.declined, self.paused, self.resumed, self.dropped, self.listed

    def _arrange(self) -> None:
        self.title.setProperty("role", "title")
        for label in (self.title, self.said, self.warning):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is not self.title)
        self.progress.setRange(0, _STEPS)
        form = QFormLayout(self.terms)
        form.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        form.setHorizontalSpacing(2 * GRID_PX)
        form.setVerticalSpacing(GRID_PX)
        for name, value in zip(self.names, self.values, strict=True):
            form.addRow(name, value)
        row = QWidget()
        buttons = horizontal(row, 0, GRID_PX)
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = vertical(self, 0, 2 * GRID_PX)
        for part in (self.title, self.facts, self.said, self.terms, self.warning, self.progress, self.share, row):
            column.addWidget(part)
        column.addStretch(1)

    def _tell(self) -> None:
        for button, words, told in (
            (self.get, tr("Get…"), tr("Ask for size and licence; nothing is fetched before you have agreed to them")),
            (self.accept, tr("Accept the licence and fetch"), tr("Fetch it under this licence; it can be paused")),
            (self.decline, tr("Not now"), tr("Fetch nothing")),
            (self.pause, tr("Pause"), tr("Stop fetching; what has come is kept, also when the program is closed")),
            (self.drop, tr("Cancel…"), tr("Stop fetching, and choose what becomes of what has come")),
            (self.list, tr("Put it on the list"), tr("Show it among the models again; its files are here")),
        ):
            button.setText(words)
            button.setToolTip(told)
        self.progress.setAccessibleName(tr("Progress of fetching"))
        names = (tr("From"), tr("Licence"), tr("To be read at"), tr("Size"), tr("Into"))
        for label, words, value in zip(self.names, names, self.values, strict=True):
            label.setText(words)
            value.setAccessibleName(words)
        if self._fetch is not None:
            self.show_fetch(self._fetch, self._address)

    def show_fetch(self, fetch: Fetch, address: str) -> None:
        """Make everything true. address: who would be asked."""
        self._fetch, self._address = fetch, address
        state, entry = fetch.state, fetch.entry
        self.title.setText(entry.name)
        size = fetch.total_bytes or entry.about_bytes
        about = tr("size is told when you ask") if size is None else _about(fetch, size)
        self.facts.setText("  ·  ".join((entry.about, about, tr("Licence: {name}", name=entry.licence))))
        self.said.setText(self._said(fetch, address))
        self.said.setVisible(bool(self.said.text()))
        self.terms.setVisible(state is FetchState.TERMS)
        self.warning.hide()
        lacking = fetch.terms is not None and self._show_terms(fetch.terms, fetch)
        moves = state in (FetchState.FETCHING, FetchState.PAUSED) or (
            state is FetchState.FAILED and fetch.done_bytes > 0
        )
        self.progress.setVisible(moves)
        self.share.setVisible(moves)
        self.progress.setValue(round(_STEPS * fetch.done_bytes / fetch.total_bytes) if fetch.total_bytes else 0)
        self.share.setText(_progress(fetch))
        self._show_buttons(fetch, lacking)

    def _show_buttons(self, fetch: Fetch, lacking: bool) -> None:
        state, kept = fetch.state, fetch.done_bytes > 0
        shown = {
            self.get: state in (FetchState.OFFERED, FetchState.ASKING),
            self.accept: state is FetchState.TERMS,
            self.decline: state in (FetchState.TERMS, FetchState.ASKING),
            self.pause: state is FetchState.FETCHING,
            self.resume: state in (FetchState.PAUSED, FetchState.FAILED),
            self.drop: state is FetchState.FETCHING or (state in (FetchState.PAUSED, FetchState.FAILED) and kept),
            self.list: state is FetchState.FETCHED,
        }
        focused: QWidget | None = self.focusWidget()
        for button, visible in shown.items():
            button.setVisible(visible)
        if focused is not None and not focused.isVisibleTo(self):  # the keyboard stays at the place of its last press
            next(button for button, visible in shown.items() if visible).setFocus()
        self.get.setEnabled(state is FetchState.OFFERED)
        self.accept.setEnabled(not lacking)
        failed = state is FetchState.FAILED
        self.resume.setText(tr("Try again") if failed else tr("Resume"))
        self.resume.setToolTip(tr("Go on from what has come") if kept else tr("Ask for size and licence once more"))

    def _show_terms(self, terms: Terms, fetch: Fetch) -> bool:
        """Fill in what is agreed to; whether the disk has too little room."""
        kept = tr(", {amount} of it here already", amount=download_amount(fetch.done_bytes)) if fetch.done_bytes else ""
        size = tr("{amount} in {count} files", amount=download_amount(terms.total_bytes), count=terms.files)
        into = tr("{folder}, where {amount} are free", folder=terms.folder, amount=download_amount(terms.free_bytes))
        for label, words in zip(
            self.values, (terms.endpoint, terms.licence, fetch.entry.link, f"{size}{kept}", into), strict=True
        ):
            label.setText(words)
        needed = terms.total_bytes - fetch.done_bytes + DOWNLOAD_SPARE_BYTES
        lacking = terms.free_bytes < needed
        warnings = []
        if terms.licence_is_new:
            was = fetch.entry.licence
            warnings.append(tr("The licence was {name} when this program was made. Read the new one first.", name=was))
        if terms.endpoint.startswith("http:"):
            warnings.append(
                tr("That address is not secure: on the way somebody could exchange files and hashes alike.")
            )
        if lacking:
            amount = download_amount(needed - terms.free_bytes)
            warnings.append(tr("There is too little room on the disk. Free {amount}, and ask again.", amount=amount))
        self.warning.setText("\n".join(warnings))
        self.warning.setVisible(bool(warnings))
        return lacking

    def _said(self, fetch: Fetch, address: str) -> str:
        if fetch.state is FetchState.OFFERED:
            asks = tr(
                "Get asks {address} what it offers now. Before that nothing goes over the network.", address=address
            )
            return asks if address else tr("Get asks for size and licence first. Before that nothing goes anywhere.")
        if fetch.state is FetchState.ASKING:
            return tr("Asking {address} for size and licence…", address=address)
        if fetch.state is FetchState.TERMS:
            return tr("This is what would be fetched. It begins when you accept the licence.")
        if fetch.state is FetchState.FAILED:
            return say(fetch.problem)
        if fetch.state is FetchState.FETCHED:
            return tr("It was fetched and is on this disk, but it is not on your list.")
        if fetch.state is FetchState.PAUSED:
            return tr("Paused. What has come is kept until you go on or delete it.")
        if fetch.waiting:
            return tr("The connection was lost. It is tried again in a moment.")
        return tr("You can close this page and work on meanwhile.")


def _about(fetch: Fetch, size: int) -> str:
    amount = download_amount(size)
    return amount if fetch.total_bytes is not None else tr("about {amount}", amount=amount)


def _progress(fetch: Fetch) -> str:
    """How far it is, in words."""
    if fetch.total_bytes is None:
        return tr("{amount} are here", amount=download_amount(fetch.done_bytes))
    parts = [
        tr(
            "{done} of {total}",
            done=download_amount(fetch.done_bytes),
            total=download_amount(fetch.total_bytes),
        ),
        f"{100 * fetch.done_bytes // max(1, fetch.total_bytes)} %",
    ]
    if fetch.state is FetchState.FETCHING:
        speed, left = fetch.bytes_per_s, fetch.seconds_left
        if speed is not None and left is not None:
            parts += [f"{download_amount(round(speed))}/s", tr("{time} left", time=duration(left))]
        parts.append(fetch.file)
    return "  ·  ".join(part for part in parts if part)


def _value() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
