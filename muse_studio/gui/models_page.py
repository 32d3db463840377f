"""The page “Models and devices”: what can make pictures, and what computes them. Knows no files and no worker.

Cascades at the left; the chosen one's sample, facts and card at the right; under them the device, its memory, and what
would be done where that is short.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from muse_studio.core.limits import VARIATIONS_LIMIT
from muse_studio.core.shelf import Cascade
from muse_studio.core.wishes import Wishes
from muse_studio.gui.amounts import memory_amount
from muse_studio.gui.dialogs import finished
from muse_studio.gui.faults import Faults
from muse_studio.gui.fetch_list import FetchList
from muse_studio.gui.fetch_questions import ask_remove
from muse_studio.gui.fields import FlowLayout, dress_number, heading, horizontal, muted, vertical
from muse_studio.gui.language import follow_language, tr
from muse_studio.gui.model_desk import DEVICES, Check, ModelDesk
from muse_studio.gui.model_words import Card, facts_words, outlook, row_words, verified_words
from muse_studio.gui.panels.thumbnails import pixmap_of
from muse_studio.gui.sentences import say
from muse_studio.gui.theme import GRID_PX

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

_SAMPLE_PX = (576, 216)
_LOOK_EVERY_MS = 2000  # at the memory, while the page is open


class ModelsPage(QDialog):
    """One page for both, since the one must fit into the other."""

    def __init__(self, parent: QWidget, desk: ModelDesk, faults: Faults, wishes: Wishes) -> None:
        """wishes: what the panel asks for now, of which size and count are reckoned at first."""
        super().__init__(parent)
        self.setObjectName("modelsPage")
        self._desk, self._faults = desk, faults
        self._sample_of: Path | None = None
        self._is_open = True
        self.shelf = QListWidget()
        self.add_folder = QPushButton()
        self.offers = FetchList(desk.fetching, faults)
        self.sides = QStackedWidget()
        self.title, self.facts, self.problem = QLabel(), muted("", wrap=True), muted("", wrap=True)
        self.sample = QLabel()
        self.use, self.verify, self.stop, self.remove = (QPushButton() for _ in range(4))
        self.progress, self.checked = QProgressBar(), muted("", wrap=True)
        self.card = Card()
        self.devices = {name: QRadioButton() for name, _, _ in DEVICES}
        self.found, self.memory, self.outlook = (muted("", wrap=True) for _ in range(3))
        self.used = QProgressBar()
        self.large, self.small_size = QRadioButton(), QRadioButton()
        self.count = QSpinBox()
        self._headings = [heading("") for _ in range(4)]
        self._count_label = muted("")
        self._close = QPushButton()
        self._timer = QTimer(self)
        self._arrange()
        self._choose(wishes)
        self._connect()
        follow_language(self, self._tell)
        self.resize(120 * GRID_PX, 96 * GRID_PX)
        desk.refresh()
        self._timer.start(_LOOK_EVERY_MS)

    @property
    def chosen(self) -> Cascade | None:
        """The cascade whose facts are shown."""
        row = self.shelf.currentRow()
        return self._desk.cascades[row] if 0 <= row < len(self._desk.cascades) else None

    # Building

    def _arrange(self) -> None:
        top = QWidget()
        row = horizontal(top, 0, 2 * GRID_PX)
        row.addWidget(self._left())
        row.addWidget(self.sides, 1)
        self.sides.addWidget(self._right())
        self.sides.addWidget(self.offers.box)
        foot = QWidget()
        row = horizontal(foot, 0, GRID_PX)
        row.addStretch(1)
        row.addWidget(self._close)
        column = vertical(self, 2 * GRID_PX, 2 * GRID_PX)
        column.addWidget(top, 1)
        column.addWidget(self._bottom())
        column.addWidget(foot)

    def _left(self) -> QWidget:
        left = QWidget()
        left.setFixedWidth(32 * GRID_PX)
        column = vertical(left, 0, GRID_PX)
        column.addWidget(self._headings[0])
        column.addWidget(self.shelf, 1)
        column.addWidget(self.add_folder)
        column.addWidget(self.offers)
        self.add_folder.setAutoDefault(False)
        self._close.setDefault(True)
        return left

    def _right(self) -> QWidget:
        self.title.setProperty("role", "title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.sample.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.progress.setTextVisible(False)
        buttons = QWidget()
        row = horizontal(buttons, 0, GRID_PX)
        for button in (self.use, self.verify, self.stop, self.remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        right = QWidget()
        column = vertical(right, 0, GRID_PX)
        for widget in (self.title, self.facts, self.problem, self.sample, buttons, self.progress, self.checked):
            column.addWidget(widget)
        column.addWidget(self.card, 1)
        return right

    def _bottom(self) -> QWidget:
        self.used.setTextVisible(False)
        self.used.setRange(0, 1000)
        self.count.setRange(1, VARIATIONS_LIMIT)
        kinds, sizes = QButtonGroup(self), QButtonGroup(self)
        choices = QWidget()
        flow = FlowLayout(choices, 2 * GRID_PX)
        for button in self.devices.values():
            kinds.addButton(button)
            flow.addWidget(button)
        wanted = QWidget()
        row = horizontal(wanted, 0, 2 * GRID_PX)
        for button in (self.large, self.small_size):
            sizes.addButton(button)
            row.addWidget(button)
        row.addWidget(self._count_label)
        row.addWidget(self.count)
        row.addStretch(1)
        left, right = QWidget(), QWidget()
        column = vertical(left, 0, GRID_PX)
        for widget in (self._headings[1], choices, self.found, self.used, self.memory):
            column.addWidget(widget)
        column.addStretch(1)
        column = vertical(right, 0, GRID_PX)
        for widget in (self._headings[2], wanted, self.outlook):
            column.addWidget(widget)
        column.addStretch(1)
        both = QWidget()
        row = horizontal(both, 0, 4 * GRID_PX)
        row.addWidget(left, 1)
        row.addWidget(right, 1)
        return both

    def _choose(self, wishes: Wishes) -> None:
        (self.small_size if wishes.size == 256 else self.large).setChecked(True)
        self.count.setValue(wishes.count)
        self.devices[self._desk.device].setChecked(True)

    def _connect(self) -> None:
        slot, desk = self._faults.slot, self._desk
        self._hear, self._arrive = slot(self.show_state), slot(self.show_arrived)
        desk.changed.connect(self._hear)
        desk.fetching.arrived.connect(self._arrive)
        self.shelf.currentRowChanged.connect(slot(self._show_cascade))
        self.shelf.itemClicked.connect(slot(self._show_cascade))
        self.offers.picked.connect(slot(self._show_side))
        self.shelf.itemActivated.connect(slot(self._use))
        self.add_folder.clicked.connect(slot(lambda: self._faults.spawn(self._add())))
        self.use.clicked.connect(slot(self._use))
        self.verify.clicked.connect(slot(self._verify))
        self.stop.clicked.connect(slot(desk.stop_verifying))
        self.remove.clicked.connect(slot(lambda: self._faults.spawn(self._remove())))
        for name, button in self.devices.items():
            button.clicked.connect(slot(lambda chosen=name: desk.choose_device(chosen)))
        for button in (self.large, self.small_size):
            button.toggled.connect(slot(self._show_memory))
        self.count.valueChanged.connect(slot(self._show_memory))
        self._close.clicked.connect(self.accept)
        self._timer.timeout.connect(slot(self._show_memory))

    def _tell(self) -> None:
        self.setWindowTitle(tr("Models and devices"))
        titles = (tr("Models"), tr("Device"), tr("When memory is short"), "")
        for label, words in zip(self._headings, titles, strict=True):
            label.setText(words)
        self.shelf.setAccessibleName(tr("Models"))
        self.card.setAccessibleName(tr("Model card"))
        for button, words, told in (
            (
                self.add_folder,
                tr("Add a folder…"),
                tr("Choose a cascade's folder, or one of the Hub's cache; it stays where it is"),
            ),
            (self.use, tr("Use this model"), tr("Make the next pictures with it, without a restart of the program")),
            (self.verify, tr("Verify"), tr("Compare every file with the sha256 that was published for it")),
            (self.stop, tr("Stop verifying"), tr("What was compared so far is forgotten")),
            (self.remove, tr("Remove"), tr("Take it off this list; files are deleted only if you say so")),
            (self._close, tr("Close"), tr("Back to the canvas")),
        ):
            button.setText(words)
            button.setToolTip(told)
        for name, words, told in DEVICES:
            self.devices[name].setText(tr(words))
            self.devices[name].setToolTip(tr(told))
        self._count_label.setText(tr("Variations"))
        dress_number(self.count, tr("Variations"))
        self.count.setToolTip(tr("Pictures that are made at once"))
        self.progress.setAccessibleName(tr("Progress of verifying"))
        self.used.setAccessibleName(tr("Memory in use"))
        self.show_state()

    def done(self, code: int) -> None:
        """Closed, however that was asked for: the desk outlives this page and is not to call it again."""
        if self._is_open:
            self._is_open = False
            self._timer.stop()
            self._desk.changed.disconnect(self._hear)
            self._desk.fetching.arrived.disconnect(self._arrive)
            self.offers.close_desk()
        super().done(code)

    # Showing

    def show_arrived(self, cascade: Cascade) -> None:
        """One that was fetched is on the shelf: show it, where its box was shown."""
        self._fill_shelf()
        if self.offers.chosen is None and cascade in self._desk.cascades:
            self.shelf.setCurrentRow(self._desk.cascades.index(cascade))

    def _show_cascade(self) -> None:
        self.offers.clear_choice()
        self._show_side()
        self.show_state()

    def _show_side(self) -> None:
        """The chosen cascade's facts, or what can be fetched."""
        fetches = self.offers.chosen is not None
        self.sides.setCurrentIndex(1 if fetches else 0)
        row = self.shelf.currentItem()
        if row is not None:  # of both lists one row looks chosen
            row.setSelected(not fetches)
        self._show_memory()

    def show_state(self) -> None:
        """Make everything true."""
        self._fill_shelf()
        self.offers.show_state()
        cascade = self.chosen
        if cascade is None:
            return
        self.title.setText(cascade.name)
        self.facts.setText(facts_words(cascade))
        self.problem.setText(say(cascade.problem))
        self.problem.setVisible(bool(cascade.problem))
        self.card.show_text(cascade.card or tr("This model comes without a card."))
        self._show_check(cascade, self._desk.checks.get(cascade.folder))
        used = self._desk.is_used(cascade)
        self.use.setEnabled(not used and cascade.facts is not None)
        self.use.setText(tr("In use") if used else tr("Use this model"))
        self.remove.setEnabled(not cascade.ships)
        if self._sample_of != cascade.folder:
            self._sample_of = cascade.folder
            self.sample.clear()
            self.sample.setVisible(cascade.sample is not None)
            self._faults.spawn(self._show_sample(cascade))
        self._show_memory()

    def _fill_shelf(self) -> None:
        """One row for each, the same one chosen as before; at first the one that is used."""
        desk, row = self._desk, self.shelf.currentRow()
        names = [row_words(cascade, desk.is_used(cascade)) for cascade in desk.cascades]
        if [self.shelf.item(index).text() for index in range(self.shelf.count())] == names:
            return
        if row < 0:
            row = next((index for index, cascade in enumerate(desk.cascades) if desk.is_used(cascade)), 0)
        self.shelf.blockSignals(True)
        self.shelf.clear()
        for name, cascade in zip(names, desk.cascades, strict=True):
            item = QListWidgetItem(name)
            item.setToolTip(str(cascade.folder))
            self.shelf.addItem(item)
        self.shelf.setCurrentRow(min(row, len(names) - 1))
        self.shelf.blockSignals(False)

    def _show_check(self, cascade: Cascade, check: Check | None) -> None:
        runs = check is not None and not check.is_over
        self.verify.setVisible(not runs)
        self.verify.setEnabled(cascade.facts is not None and not self._desk.is_verifying)
        self.stop.setVisible(runs)
        self.progress.setVisible(runs)
        self.checked.setVisible(check is not None)
        if check is None:
            return
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(check.share * 1000))
        if runs:
            left = check.seconds_left
            words = tr("Verifying…") if left is None else tr("Verifying: {seconds} s left", seconds=round(left))
        elif check.problems:
            words = " ".join(check.problems)
        else:
            words = verified_words(cascade.facts)
        self.checked.setText(words)

    async def _show_sample(self, cascade: Cascade) -> None:
        pixels = await self._desk.sample(cascade, 2 * _SAMPLE_PX[0])
        if not self._is_open or self._sample_of != cascade.folder:
            return  # another was chosen meanwhile
        self.sample.setVisible(pixels is not None)
        if pixels is not None:
            self.sample.setPixmap(_scaled(pixmap_of(pixels), self.devicePixelRatioF()))
            self.sample.setAccessibleName(tr("Sample of what {name} draws", name=cascade.name))

    def _show_memory(self) -> None:
        self.devices[self._desk.device].setChecked(True)
        name, dtype = self._desk.device_words
        told = tr("Found: {name}", name=name) if name else tr("The device is known once the model is loaded.")
        self.found.setText(tr("{told}. Computes in {numbers}.", told=told, numbers=dtype) if name and dtype else told)
        memory = self._desk.memory
        self.used.setVisible(memory is not None)
        if memory is None:
            self.memory.setText(tr("How much memory it has is not known."))
        else:
            used = memory.total_bytes - memory.free_bytes
            self.used.setValue(round(1000 * used / max(1, memory.total_bytes)))
            amounts = {"free": memory_amount(memory.free_bytes), "total": memory_amount(memory.total_bytes)}
            live = tr("{free} of {total} are free.", **amounts)
            loaded = tr("{free} of {total} were free when the model was loaded.", **amounts)
            self.memory.setText(live if memory.is_live else loaded)
        cascade = self.chosen
        if self.offers.chosen is not None:
            self.outlook.setText(tr("What a model needs is told when it is on the list."))
        elif cascade is not None:
            sizes = cascade.facts.sizes if cascade.facts is not None else (512, 256)
            self.large.setText(tr("{side} px", side=sizes[0]))
            self.small_size.setText(tr("{side} px", side=sizes[-1]))
            self.small_size.setVisible(len(sizes) > 1)
            one_stage = cascade.facts is not None and cascade.facts.superres is None
            self.large.setToolTip(
                tr("The size that it was made for") if one_stage else tr("Both stages: the picture in full detail")
            )
            self.small_size.setToolTip(
                tr("Another size that it can make")
                if one_stage
                else tr("The base stage only: less detail, less memory")
            )
            size = sizes[0] if self.large.isChecked() else sizes[-1]
            expected = self._desk.forecast(cascade, size, self.count.value())
            weights = self._desk.weights_bytes(cascade) if cascade.facts is not None and cascade.facts.family else None
            self.outlook.setText(outlook(expected, weights, memory.free_bytes if memory is not None else None))

    # Doing

    def _use(self) -> None:
        if self.chosen is not None and self.use.isEnabled():
            self._desk.use(self.chosen)

    def _verify(self) -> None:
        if self.chosen is not None:
            self._desk.verify(self.chosen)

    async def _remove(self) -> None:
        cascade = self.chosen
        if cascade is None:
            return
        deletes: bool | None = False
        if cascade.fetched and cascade.facts is not None:
            deletes = await ask_remove(self, cascade.name, str(cascade.folder), cascade.facts.size_bytes)
        if deletes:
            await self._desk.delete(cascade)
        elif deletes is not None:
            self._desk.remove(cascade)

    async def _add(self) -> None:
        dialog = QFileDialog(self, tr("Choose a cascade's folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        code = await finished(dialog)
        folders = dialog.selectedFiles()
        dialog.deleteLater()
        if code and folders and self._is_open:
            await self.add(Path(folders[0]))

    async def add(self, folder: Path) -> None:
        """Put a folder on the list and show it; a refusal is said by the window's message bar and here."""
        cascade = await self._desk.add(folder)
        if cascade is not None and self._is_open:
            self.shelf.setCurrentRow(self._desk.cascades.index(cascade))


def open_models(window: MainWindow) -> ModelsPage:
    """Open the page over the window, or bring it to the front."""
    page: ModelsPage | None = window.findChild(ModelsPage)
    if page is None:
        page = ModelsPage(window, window.models, window.faults, window.panel.wishes())
        window.open_page(page)
    else:
        page.raise_()
        page.activateWindow()
    return page


def _scaled(pixmap: QPixmap, ratio: float) -> QPixmap:
    width, height = (round(side * ratio) for side in _SAMPLE_PX)
    mode = Qt.TransformationMode.SmoothTransformation
    fitted = pixmap.scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio, mode)
    fitted.setDevicePixelRatio(ratio)
    return fitted
