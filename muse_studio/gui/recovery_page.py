"""The page that offers unsaved work of earlier sessions: a picture, a name, a time, and what to do with each.

Knows nothing about files: what is chosen is opened, and what is discarded removed, by whoever opened the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from muse_studio.core.files import printable
from muse_studio.core.recovery import Orphan
from muse_studio.gui.fields import heading, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.theme import GRID_PX

_PICTURE_PX = 96
_ROWS_SHOWN = 4


class RecoveryPage(QDialog):
    """chosen: what shall be opened; None for later. on_discard: called for what shall go, which `take_away` removes."""

    def __init__(self, parent: QWidget, found: Sequence[Orphan]) -> None:
        super().__init__(parent)
        self.setObjectName("recoveryPage")
        self.chosen: Orphan | None = None
        self.on_discard: Callable[[Orphan], object] = lambda _: None
        self._rows = {id(orphan): _Row(orphan, self._open, self._discard) for orphan in found}
        self._title, self._words = heading(""), muted("", wrap=True)
        self.later = QPushButton()
        self.later.setDefault(True)
        self.later.clicked.connect(self.reject)
        self._arrange()
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        inside = QWidget()
        inside.setObjectName("recoveryRows")
        rows = vertical(inside, 0, GRID_PX)
        for row in self._rows.values():
            rows.addWidget(row)
        rows.addStretch(1)
        area = QScrollArea()
        area.setObjectName("recoveryArea")
        area.viewport().setAutoFillBackground(False)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        shown = min(len(self._rows), _ROWS_SHOWN)
        area.setMinimumHeight(shown * (_PICTURE_PX + 3 * GRID_PX + 2) - GRID_PX)
        column = vertical(self, 3 * GRID_PX, 2 * GRID_PX)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addWidget(area, 1)
        column.addWidget(self.later, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(88 * GRID_PX)

    def _tell(self) -> None:
        self.setWindowTitle(tr("Recover unsaved work"))
        self._title.setText(tr("The studio ended before this was saved"))
        self._words.setText(
            tr("Open one to go on with it. What you leave for later stays safe and is offered at the next start.")
        )
        self.later.setText(tr("Later"))
        self.later.setToolTip(tr("Keep everything as it is, and go on without it"))

    def _open(self, orphan: Orphan) -> None:
        self.chosen = orphan
        self.accept()

    def _discard(self, orphan: Orphan) -> None:
        self.on_discard(orphan)

    def take_away(self, orphan: Orphan) -> None:
        """It is gone; with the last one the page goes too."""
        row = self._rows.pop(id(orphan), None)
        if row is not None:
            row.hide()
            row.deleteLater()
        if not self._rows:
            self.reject()


class _Row(QFrame):
    """One document."""

    def __init__(self, orphan: Orphan, open_: Callable[[Orphan], None], discard: Callable[[Orphan], object]) -> None:
        super().__init__()
        self.setObjectName("recoveryRow")
        self.orphan = orphan
        self._picture, self._name = QLabel(), QLabel(printable(orphan.title, 46))
        self._picture.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setPixmap(_pixmap(orphan))
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._name.setToolTip(printable(orphan.title, 300))
        self._name.setProperty("role", "heading")
        self._about = muted("", wrap=True)
        self.open, self.discard = QPushButton(), QPushButton()
        self.open.setEnabled(orphan.extent is not None)
        self.open.setAutoDefault(False)
        self.discard.setAutoDefault(False)
        self.open.clicked.connect(lambda: open_(orphan))
        self.discard.clicked.connect(lambda: discard(orphan))
        self._arrange()
        follow_language(self, self._tell)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID_PX // 2)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._about)
        words.addStretch(1)
        row = horizontal(self, GRID_PX, 2 * GRID_PX)
        row.setContentsMargins(GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
        row.addWidget(self._picture)
        row.addLayout(words, 1)
        row.addWidget(self.open)
        row.addWidget(self.discard)

    def _tell(self) -> None:
        orphan, name = self.orphan, printable(self.orphan.title, 60)
        when = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(orphan.saved)), QLocale.FormatType.ShortFormat)
        parts = [tr("Kept {when}", when=when)]
        if orphan.extent is None:
            parts.append(tr("It is damaged and cannot be opened."))
        else:
            parts.append(tr("{width} × {height} px", width=orphan.extent.width, height=orphan.extent.height))
            never = tr("It was never saved.")
            parts.append(never if orphan.origin is None else tr("From {name}", name=printable(orphan.origin.name, 40)))
        self._about.setText("\n".join(parts))
        self.setAccessibleName(f"{name}. {' '.join(parts)}")
        self.open.setText(tr("Open"))
        self.discard.setText(tr("Discard…"))
        self.open.setAccessibleName(tr("Open {name}", name=name))
        self.discard.setAccessibleName(tr("Discard {name}", name=name))
        self.open.setToolTip(tr("Go on where it was left"))
        self.discard.setToolTip(tr("Remove it for good; asks first"))


def _pixmap(orphan: Orphan) -> QPixmap:
    """The thumbnail inside a square; an empty one for a damaged file."""
    if orphan.thumbnail is None:
        return QPixmap()
    pixels = np.ascontiguousarray(orphan.thumbnail)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    size = image.size().scaled(_PICTURE_PX, _PICTURE_PX, Qt.AspectRatioMode.KeepAspectRatio)
    if width <= _PICTURE_PX and height <= _PICTURE_PX:
        return QPixmap.fromImage(image)
    return QPixmap.fromImage(image.scaled(size, mode=Qt.TransformationMode.SmoothTransformation))
