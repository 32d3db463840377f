"""Notices over the top of the canvas: what happened, what to do, and buttons that do it. Never modal, never markup.

What core, client and worker say in English is said in the window's language, also of a notice that is already shown.
Knows nothing about where notices come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.gui.announcements import announce
from muse_studio.gui.fields import IconButton
from muse_studio.gui.icons import drawing
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.sentences import say
from muse_studio.gui.theme import GRID_PX, Colors

_SHOWN_AT_ONCE = 3
_WIDTH_PX = 620
_PASSING_MS = 6000
_ICONS = {"info": "info", "good": "good", "warning": "warning", "error": "error"}


class NoticeKind(StrEnum):
    """How a notice looks; INFO and GOOD go away by themselves."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """A button: its label and what it does. The notice closes when it is pressed."""

    label: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. A new notice with the same `topic` takes the old one's place; "" has no topic."""

    kind: NoticeKind
    message: str
    actions: tuple[NoticeAction, ...] = ()
    topic: str = ""
    detail: str = ""


def notice_of(error: MuseStudioError, actions: tuple[NoticeAction, ...] = ()) -> Notice:
    """How an error is told: a lost worker harmed nothing, so it is a warning."""
    kind = NoticeKind.WARNING if error.kind is ErrorKind.WORKER_LOST else NoticeKind.ERROR
    return Notice(kind, error.message, actions, detail=error.detail)


class MessageBar(QWidget):
    """Floats over its parent's top edge and holds up to three notices, the newest first."""

    def __init__(self, parent: QWidget, colors: Colors) -> None:
        super().__init__(parent)
        self._colors = colors
        self._cards: list[_Card] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID_PX)
        follow_language(self, lambda: self.setAccessibleName(tr("Messages")))
        parent.installEventFilter(self)
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, the newest first."""
        return tuple(card.notice for card in self._cards)

    def show_notice(self, notice: Notice) -> None:
        """Show it above the others; the same message twice is shown once."""
        for card in list(self._cards):
            if card.notice.message == notice.message or (notice.topic and card.notice.topic == notice.topic):
                self._drop(card)
        card = _Card(notice, self._colors, self._drop)
        self._cards.insert(0, card)
        self._column.insertWidget(0, card)
        for old in self._cards[_SHOWN_AT_ONCE:]:
            self._drop(old)
        self.place()
        self.raise_()
        announce(self, say(notice.message), urgent=notice.kind in (NoticeKind.WARNING, NoticeKind.ERROR))

    def dismiss(self, topic: str) -> None:
        """Take away the notice of this topic, if it is still shown."""
        for card in list(self._cards):
            if card.notice.topic == topic:
                self._drop(card)

    def dismiss_all(self) -> None:
        for card in list(self._cards):
            self._drop(card)

    def wear(self, colors: Colors) -> None:
        self._colors = colors
        for card in self._cards:
            card.wear(colors)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def _drop(self, card: _Card) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
            self.place()

    def place(self) -> None:
        """Lie over the parent's upper edge, as high as the notices need."""
        parent = self.parentWidget()
        self.setVisible(bool(self._cards))
        if not self._cards or parent is None:
            return
        width = min(_WIDTH_PX, parent.width() - 4 * GRID_PX)
        height = sum(card.heightForWidth(width) for card in self._cards) + GRID_PX * (len(self._cards) - 1)
        self.setGeometry((parent.width() - width) // 2, 2 * GRID_PX, width, height)


class _Card(QFrame):
    """One notice: sign, text, buttons, close."""

    def __init__(self, notice: Notice, colors: Colors, close: Callable[[_Card], None]) -> None:
        super().__init__()
        self.notice = notice
        self.setObjectName("notice")
        self.setProperty("kind", notice.kind.value)
        self._close = close
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close_button = IconButton("close", "Dismiss", kind="small", side_px=24)
        self._close_button.clicked.connect(lambda: close(self))
        self._buttons = [QPushButton() for _ in notice.actions]
        self._arrange()
        self.wear(colors)
        follow_language(self, self._tell)
        if notice.kind in (NoticeKind.INFO, NoticeKind.GOOD) and not notice.actions:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: close(self))
            timer.start(_PASSING_MS)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID_PX, GRID_PX, GRID_PX, GRID_PX)
        row.setSpacing(GRID_PX + GRID_PX // 2)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        for button, action in zip(self._buttons, self.notice.actions, strict=True):
            button.clicked.connect(lambda _=False, chosen=action: self._run(chosen))
            row.addWidget(button)
        row.addWidget(self._close_button)

    def _tell(self) -> None:
        words = say(self.notice.message)
        self._text.setText(words)
        self._text.setToolTip(self.notice.detail)
        self.setAccessibleName(words)
        for button, action in zip(self._buttons, self.notice.actions, strict=True):
            button.setText(say(action.label))
            button.setToolTip(say(action.label))
        if (bar := self.parentWidget()) is not None and isinstance(bar, MessageBar):
            bar.place()

    def _run(self, action: NoticeAction) -> None:
        self._close(self)
        action.run()

    def wear(self, colors: Colors) -> None:
        ink = getattr(colors, f"{self.notice.kind.value}_text")
        self._sign.setPixmap(drawing(_ICONS[self.notice.kind.value], ink, 20, self.devicePixelRatioF()))
        self._close_button.wear(colors)
