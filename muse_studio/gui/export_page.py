"""The page that asks how to export: format, size, quality, transparency, settings. Knows nothing about writing."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QWidget,
)

from muse_studio.core.export import ExportArea, ExportChoice, ExportFormat
from muse_studio.core.geometry import Extent
from muse_studio.gui.fields import SliderField, muted, vertical
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import GRID_PX

_FORMATS = {
    ExportFormat.PNG: noop("PNG: every pixel as it is"),
    ExportFormat.JPEG: noop("JPEG: small, for photographs"),
    ExportFormat.WEBP: noop("WebP: smaller, for the web"),
    ExportFormat.PSD: noop("Photoshop: all layers"),
}
_MEANINGS = {
    ExportFormat.PNG: noop("Opens everywhere; dropping it here brings its prompt back."),
    ExportFormat.JPEG: noop("What is see-through becomes white. Lower quality makes smaller files."),
    ExportFormat.WEBP: noop("Every browser opens it. Lossless keeps every pixel as it is."),
    ExportFormat.PSD: noop("Layers keep their names, places, opacity and visibility. Other variations stay here."),
}


class ExportPage(QDialog):
    """Shows a choice and lets it be changed; `choice()` is what it says now."""

    def __init__(self, parent: QWidget, choice: ExportChoice, extent: Extent, *, see_through: bool) -> None:
        """see_through: whether the document has anything that is."""
        super().__init__(parent)
        self.setObjectName("exportPage")
        self._extent, self._see_through, self._side_px = extent, see_through, choice.side_px
        self.format, self.quality = QComboBox(), SliderField(tr("Quality"), 1, 100, "")
        self.frame, self.whole = QRadioButton(), QRadioButton()
        self.lossless, self.transparent, self.settings = QCheckBox(), QCheckBox(), QCheckBox()
        self._areas = QButtonGroup(self)
        self._format_label, self._size_label = QLabel(), QLabel()
        self._meaning = muted("", wrap=True)
        self._buttons = QDialogButtonBox()
        self.accept_button = self._buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel_button = self._buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self._arrange()
        follow_language(self, self._tell)
        self._show(choice)
        self.format.currentIndexChanged.connect(self._refresh)
        self.lossless.toggled.connect(self._refresh)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def choice(self) -> ExportChoice:
        """What is chosen; what does not apply to the format is kept for another time."""
        return ExportChoice(
            format=self._format,
            area=ExportArea.FRAME if self.frame.isChecked() else ExportArea.WHOLE,
            quality=self.quality.value,
            lossless=self.lossless.isChecked(),
            transparent=self.transparent.isChecked(),
            settings=self.settings.isChecked(),
            side_px=self._side_px,
        )

    @property
    def _format(self) -> ExportFormat:
        return list(ExportFormat)[max(0, self.format.currentIndex())]

    def _arrange(self) -> None:
        self.format.addItems([""] * len(ExportFormat))
        for button in (self.whole, self.frame):
            self._areas.addButton(button)
        self._format_label.setBuddy(self.format)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID_PX)
        grid.setVerticalSpacing(GRID_PX)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._format_label, 0, 0)
        grid.addWidget(self.format, 0, 1)
        grid.addWidget(self._meaning, 1, 1)
        grid.addWidget(self._size_label, 2, 0)
        grid.addWidget(self.whole, 2, 1)
        grid.addWidget(self.frame, 3, 1)
        self.quality.label.hide()
        self._quality_label = QLabel()
        self._quality_label.setBuddy(self.quality.number)
        self.quality.slider.setMaximumWidth(40 * GRID_PX)
        grid.addWidget(self._quality_label, 4, 0)
        grid.addWidget(self.quality, 4, 1)
        for row, box in enumerate((self.lossless, self.transparent, self.settings), start=5):
            grid.addWidget(box, row, 1)
        column = vertical(self, 3 * GRID_PX, 3 * GRID_PX)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.setMinimumWidth(64 * GRID_PX)

    def _tell(self) -> None:
        self.setWindowTitle(tr("Export"))
        self._format_label.setText(tr("&Format"))
        self._size_label.setText(tr("Size"))
        self._quality_label.setText(tr("&Quality"))
        for index, text in enumerate(_FORMATS.values()):
            self.format.setItemText(index, tr(text))
        width, height = self._extent.width, self._extent.height
        self.whole.setText(tr("The &whole picture, {width} × {height} px", width=width, height=height))
        self.frame.setText(tr("What is in the f&rame, {side} × {side} px", side=self._side_px))
        self.lossless.setText(tr("&Lossless"))
        self.transparent.setText(tr("Keep what is see-&through"))
        self.settings.setText(tr("Write &prompt and settings into the file"))
        self.accept_button.setText(tr("Export…"))
        self.cancel_button.setText(tr("Cancel"))
        self._tell_tips()
        self._refresh()

    def _tell_tips(self) -> None:
        self.format.setAccessibleName(tr("Format"))
        self.format.setToolTip(tr("What kind of file other programs shall open"))
        self.quality.number.setAccessibleName(tr("Quality"))
        self.quality.setToolTip(tr("From 90 nobody sees a difference; below 60 edges begin to smear"))
        self.whole.setToolTip(tr("Everything at full size, as all visible layers show it"))
        self.frame.setToolTip(tr("The square that the model sees, at the model's own size"))
        self.lossless.setToolTip(tr("Every pixel as it is; the file is larger"))
        self.transparent.setToolTip(tr("Off, white is laid under the picture"))
        self.settings.setToolTip(tr("Dropping the file into the studio brings them back; other tools read them too"))

    def _show(self, choice: ExportChoice) -> None:
        self.format.setCurrentIndex(list(ExportFormat).index(choice.format))
        (self.frame if choice.area is ExportArea.FRAME else self.whole).setChecked(True)
        self.quality.set_value(choice.quality)
        self.lossless.setChecked(choice.lossless)
        self.transparent.setChecked(choice.transparent)
        self.settings.setChecked(choice.settings)
        self._refresh()

    def _refresh(self) -> None:
        """Only what the format can do can be chosen."""
        chosen = self._format
        self._meaning.setText(tr(_MEANINGS[chosen]))
        webp = chosen is ExportFormat.WEBP
        self.lossless.setEnabled(webp)
        self.quality.setEnabled(chosen.has_quality and not (webp and self.lossless.isChecked()))
        self._quality_label.setEnabled(self.quality.isEnabled())
        self.transparent.setEnabled(self._see_through and chosen.has_alpha and chosen is not ExportFormat.PSD)
        self.settings.setEnabled(chosen.has_settings)
        self._size_label.setEnabled(chosen is not ExportFormat.PSD)
        for button in (self.whole, self.frame):
            button.setEnabled(chosen is not ExportFormat.PSD)
