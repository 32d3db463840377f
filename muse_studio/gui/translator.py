"""Puts the window's words into the language that is chosen, or into the system's. Knows nothing about widgets.

English is in the source; another language is a catalogue in `resources/translations`, and Qt's own for its dialogs.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtGui import QFontDatabase

from muse_studio.core.settings import Language
from muse_studio.gui.language import language_changed
from muse_studio.places import shipped

log = logging.getLogger(__name__)

NO_FONT = (
    "No font on this computer has Japanese letters. Install one (Noto Sans CJK JP, IPAexGothic and BIZ UDGothic are "
    "free), or choose English in View › Language."
)
"""In English on purpose: it is read where Japanese can't be."""

_SCRIPTS = {Language.JAPANESE: QFontDatabase.WritingSystem.Japanese}


class LanguageKeeper(QObject):
    """Installs the chosen language's catalogues in the application and tells all who follow the language."""

    def __init__(self, parent: QObject, choice: Language = Language.SYSTEM) -> None:
        super().__init__(parent)
        self._choice = choice
        self._translators: list[QTranslator] = []
        self._install()

    @property
    def choice(self) -> Language:
        return self._choice

    @property
    def language(self) -> Language:
        """English or Japanese, whatever chose it."""
        return resolve_language(self._choice, QLocale.system().uiLanguages())

    @property
    def lacks_font(self) -> bool:
        """Whether no font on this computer can write the language."""
        script = _SCRIPTS.get(self.language)
        return script is not None and not QFontDatabase.families(script)

    def choose(self, choice: Language) -> None:
        """Say everything in another language, now."""
        self._choice = choice
        self._install()

    def _install(self) -> None:
        self._remove()
        if self.language is not Language.ENGLISH:
            ours = shipped("resources/translations")
            qts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)  # for its own dialogs
            for name, folder in ((f"qtbase_{self.language}", qts), (str(self.language), str(ours))):
                translator = QTranslator(self)
                if translator.load(name, folder):
                    QCoreApplication.installTranslator(translator)
                    self._translators.append(translator)
                else:
                    log.warning("no words in %s: there is no %s.qm in %s", self.language, name, folder)
        language_changed(self.language.value)

    def _remove(self) -> None:
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()
        self._translators.clear()


def resolve_language(choice: Language, system: list[str]) -> Language:
    """What a choice means where the system asks for these languages, the dearest first: "ja-JP", "en-US", "de"."""
    if choice is not Language.SYSTEM:
        return choice
    spoken = {language.value: language for language in (Language.ENGLISH, Language.JAPANESE)}
    asked = (spoken.get(name.replace("_", "-").partition("-")[0].lower()) for name in system)
    return next((language for language in asked if language), Language.ENGLISH)
