"""What lies over the canvas while there is no document: three things to try, pictures to begin with, recent files.

Knows nothing about how a picture is opened or a job begun: it tells which button was pressed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.pictures import open_picture
from muse_studio.gui.commands import Actions
from muse_studio.gui.fields import IconButton, heading, horizontal, muted, vertical
from muse_studio.gui.first_steps import SAMPLE_PICTURES, SAMPLES, STEPS, Step
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX, Colors
from muse_studio.places import shipped

_MARGIN_PX, _GAP_PX = 3 * GRID_PX, 3 * GRID_PX // 2
_PAGE_PX = 82 * GRID_PX
_LEAST_PX = 48 * GRID_PX
_HIGH_PER_WIDE = 0.62  # of a picture on a button
_RECENT_SHOWN = 5


class PictureButton(QPushButton):
    """A picture over a few words, all of it one button."""

    def __init__(self, name: str, text: str = "") -> None:
        """name, text: in English."""
        super().__init__()
        self._name, self._text = name, text
        self._image = QImage()
        self.setProperty("kind", "card")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._picture = QLabel()
        self.title, self.words = heading(""), muted("", wrap=True)
        self.title.setWordWrap(True)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID_PX, GRID_PX, GRID_PX, GRID_PX)
        column.setSpacing(GRID_PX // 2)
        for label in (self._picture, self.title, self.words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        self.words.setVisible(bool(text))
        column.addStretch(1)
        follow_language(self, self._tell)

    def _tell(self) -> None:
        self.title.setText(tr(self._name))
        self.words.setText(tr(self._text) if self._text else "")
        self.setAccessibleName(tr(self._name))
        self.setAccessibleDescription(self.words.text())
        self.setToolTip(tr(self._text) if self._text else tr("Open this picture"))

    def widen(self, width_px: int) -> None:
        """Be this wide; the picture grows with it."""
        self.setFixedWidth(width_px)
        inner = width_px - 2 * GRID_PX - 4
        self._picture.setFixedSize(inner, round(inner * _HIGH_PER_WIDE))
        if (layout := self.layout()) is not None:
            layout.invalidate()
            self.setFixedHeight(layout.heightForWidth(width_px) + 4)
        self._draw()

    @property
    def pixmap(self) -> QPixmap:
        """What is shown of the picture; null before it is read."""
        return self._picture.pixmap()

    def show_picture(self, pixels: NDArray[np.uint8]) -> None:
        """uint8 [H, W, 4]: shown so that it covers its place."""
        height, width = pixels.shape[:2]
        self._image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        self._draw()

    def _draw(self) -> None:
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = QSize(round(self._picture.width() * ratio), round(self._picture.height() * ratio))
        covering = self._image.scaled(
            room, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        left, top = (covering.width() - room.width()) // 2, (covering.height() - room.height()) // 2
        pixmap = QPixmap.fromImage(covering.copy(left, top, room.width(), room.height()))
        pixmap.setDevicePixelRatio(ratio)
        self._picture.setPixmap(pixmap)


class Welcome(QScrollArea):
    """Covers its parent. Without a document it can't be closed; over one it can, by its button or Esc."""

    stepChosen = Signal(object)
    """A `Step` to try."""

    pictureChosen = Signal(object)
    """The Path of a sample or of a recent file to open."""

    closed = Signal()
    """A person wants to go back to the document."""

    def __init__(self, parent: QWidget, actions: Actions) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.steps = {step.name: PictureButton(step.title, step.text) for step in STEPS}
        self.samples = {name: PictureButton(words) for name, words in SAMPLE_PICTURES}
        self.begin = {name: QPushButton() for name in ("open", "new", "paste")}
        self.close_button = IconButton("close", "Back to the picture", shortcut="Esc")
        self.close_button.setVisible(False)
        self.recent = QWidget()
        self._recent_rows = vertical(self.recent, 0, GRID_PX // 2)
        self._connect(actions)
        self._arrange()
        parent.installEventFilter(self)
        follow_language(self, self._tell)

    def _connect(self, actions: Actions) -> None:
        for step in STEPS:
            self.steps[step.name].clicked.connect(lambda _=False, chosen=step: self._try(chosen))
        for name, sample in self.samples.items():
            path = shipped(f"{SAMPLES}/{name}")
            sample.clicked.connect(lambda _=False, chosen=path: self.pictureChosen.emit(chosen))
        for name, button in self.begin.items():
            button.clicked.connect(actions[name].trigger)
        self.close_button.clicked.connect(self.closed)

    def _try(self, step: Step) -> None:
        self.stepChosen.emit(step)

    def _arrange(self) -> None:
        page = QWidget()
        page.setObjectName("welcomePage")
        column = vertical(page, _MARGIN_PX, GRID_PX)
        top = QWidget()
        row = horizontal(top, 0, GRID_PX)
        title = heading("Welcome to Muse Studio")
        title.setProperty("role", "title")
        row.addWidget(title, 1)
        row.addWidget(self.close_button)
        column.addWidget(top)
        column.addWidget(muted("Drop a picture here, paste one, or type a prompt and press Generate.", wrap=True))
        column.addWidget(_row(list(self.begin.values())))
        column.addSpacing(GRID_PX)
        column.addWidget(heading("Three things to try in the first minute"))
        column.addWidget(_row(list(self.steps.values())))
        column.addSpacing(GRID_PX)
        column.addWidget(heading("Pictures to begin with"))
        column.addWidget(_row(list(self.samples.values())))
        column.addSpacing(GRID_PX)
        column.addWidget(self.recent)
        column.addStretch(1)
        holder = QFrame()
        holder.setObjectName("welcomeGround")
        middle = horizontal(holder, 0, 0)
        middle.addStretch(1)
        middle.addWidget(page)
        middle.addStretch(1)
        self._page, self._ground = page, holder
        self.setWidget(holder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As wide as there is room for, and as high as that needs; the layouts by themselves would think of less."""
        width = max(min(self.viewport().width(), _PAGE_PX + 2 * _MARGIN_PX), _LEAST_PX)
        self._page.setFixedWidth(width)
        for buttons in (self.steps, self.samples):
            for button in buttons.values():
                button.widen((width - 2 * _MARGIN_PX - (len(buttons) - 1) * _GAP_PX) // len(buttons))
            highest = max(button.minimumHeight() for button in buttons.values())
            for button in buttons.values():
                button.setFixedHeight(highest)
        if (layout := self._page.layout()) is not None:
            for part in self._page.findChildren(QLayout):
                part.invalidate()
            layout.invalidate()
            self._ground.setFixedHeight(max(layout.heightForWidth(width), self.viewport().height()))

    def _tell(self) -> None:
        self.setAccessibleName(tr("Welcome"))
        for name, words, tip in (
            ("open", tr("Open a picture…"), tr("Choose a PNG, JPEG or WebP on this computer")),
            ("new", tr("New document…"), tr("An empty document of any size")),
            ("paste", tr("Paste"), tr("Open the picture that is in the clipboard")),
        ):
            self.begin[name].setText(words)
            self.begin[name].setToolTip(tip)
        self._fit()

    def show_recent(self, names: Sequence[str]) -> None:
        """The files that were open before, the newest first."""
        while (item := self._recent_rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.recent.setVisible(bool(names))
        if names:
            self._recent_rows.addWidget(heading("Recent files"))
        for name in names[:_RECENT_SHOWN]:
            button = QPushButton(Path(name).name.replace("&", "&&"))
            button.setProperty("kind", "link")
            button.setToolTip(name)
            button.clicked.connect(lambda _=False, chosen=Path(name): self.pictureChosen.emit(chosen))
            self._recent_rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._fit()

    def show_over(self, *, has_document: bool) -> None:
        """Come up, with a way back if there is a document."""
        self.close_button.setVisible(has_document)
        self._place()
        self.show()
        self.raise_()

    def light(self, lit: bool) -> None:
        """Show that what is held over the window may be dropped."""
        self.setProperty("lit", lit)
        self.style().unpolish(self)
        self.style().polish(self)

    async def load_pictures(self) -> None:
        """Read the pictures of all buttons in a thread; one that is missing leaves its place empty."""
        wanted = [(self.steps[step.name], step.picture) for step in STEPS]
        wanted += [(button, name) for name, button in self.samples.items()]
        for button, name in wanted:
            try:
                picture = await asyncio.to_thread(open_picture, shipped(f"{SAMPLES}/{name}"))
            except MuseStudioError:
                continue
            button.show_picture(picture.pixels)

    def wear(self, colors: Colors) -> None:
        self.close_button.wear(colors)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.close_button.isVisible():
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        if (parent := self.parentWidget()) is not None:
            self.setGeometry(parent.rect())


def _row(widgets: Sequence[QWidget]) -> QWidget:
    """The widgets beside each other, equally high."""
    holder = QWidget()
    row = horizontal(holder, 0, _GAP_PX)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder
