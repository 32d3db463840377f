"""Gathers every text that a person may read into the catalogues, and makes what Qt loads of them.

    translations.py            resources/translations/ja.ts, sentences.json and ja.qm; what is translated stays
    translations.py --check    says what is missing or out of date, and fails if anything is

Three kinds of text are gathered from the source, by reading it and never by running it:
what `tr` and `noop` are given, what the constructors in OWN_WORDS translate by themselves, and the finished sentences
of the rooms below the window, whose values stand as {0}, {1} … (`muse_studio/gui/sentences.py` puts them in again).
Knows nothing about Qt beyond the form of its files.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "muse_studio"
FOLDER = ROOT / "resources" / "translations"
CONTEXT = "studio"
SENTENCE_ROOMS = ("core", "ipc", "client", "worker", "weights", "muse")
NO_SENTENCES = (
    *("client/fake.py", "ipc/letters.py", "ipc/messages.py"),  # nobody but a developer reads these
    *("muse/safetensors_header.py", "muse/config_json.py", "muse/presets.py", "muse/transformers_layout.py"),
)
UNSPOKEN = ("Application Support",)  # a folder's name
PIECES = ("{0}, or choose a smaller size.", ".")
"""Sentences that the source puts together of parts; and the full stop, which other languages write otherwise."""

WORDS = (
    *("prompt", "picture", "mask", "tokens", "seed", "size", "count"),
    *("steps", "guidance", "temperature", "strength", "share"),
)
"""Single words that stand as values in sentences."""

OWN_WORDS = {
    "Command": (1,),
    "IconButton": (1,),
    "SliderField": (0,),
    "Disclosure": (0,),
    "heading": (0,),
    "muted": (0,),
}
"""Which arguments of these are texts that they translate by themselves, now and after each change of language."""

_LETTERS = re.compile(r"[A-Za-z]{2,}")
_LOGS = ("log.", "logging.", "logger.", "warnings.")


@dataclass(frozen=True, slots=True)
class Text:
    """One text and the first place it is written at."""

    source: str
    place: str


def window_texts() -> dict[str, Text]:
    """Every text of the window, by its English."""
    found: dict[str, Text] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, source in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            if _LETTERS.search(source):
                found.setdefault(source, Text(source, _place(path, line)))
    for number, label in _preset_labels():
        found.setdefault(label, Text(label, f"resources/presets.json:{number}"))
    return found


def sentence_texts() -> dict[str, Text]:
    """Every finished sentence, or piece of one, of the rooms below the window, by its template."""
    found = {source: Text(source, ".ci/translations.py") for source in (*PIECES, *WORDS)}
    for room in SENTENCE_ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            if path.relative_to(PACKAGE).as_posix() in NO_SENTENCES:
                continue
            for line, source in _sentences(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(source, Text(source, _place(path, line)))
    return found


def _place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def _marked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of everything that is marked for translation."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        wanted = (0,) if name in ("tr", "noop") else OWN_WORDS.get(name, ())
        for index in wanted:
            if index < len(node.args):
                yield from _constants(node.args[index])


def _constants(node: ast.expr) -> Iterator[tuple[int, str]]:
    """A text, or the two of `this if so else that`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _preset_labels() -> Iterator[tuple[int, str]]:
    path = ROOT / "resources" / "presets.json"
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if found := re.search(r'"label": "([^"]+)"', line):
            yield number, found[1]


def _sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and template of every string that reads like words for people: no docstring, no log line, no detail."""
    silent = set(_silent(tree))
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        template = template_of(node)
        if template is not None and is_sentence(template):
            yield node.lineno, template  # type: ignore[attr-defined]  # a string has a line


def _silent(tree: ast.Module) -> Iterator[int]:
    """Ids of the strings that nobody is shown."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts = [node.value]  # a docstring
        elif isinstance(node, ast.Call):
            parts = _silent_arguments(node)
        elif isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node) if part is not node)
        elif isinstance(node, ast.Assert | ast.Subscript):
            parts = [node]
        for part in parts:
            yield from (id(inner) for inner in ast.walk(part))


def _silent_arguments(call: ast.Call) -> list[ast.AST]:
    name = ast.unparse(call.func)
    if name.startswith(_LOGS) or name in ("ValueError", "TypeError", "AssertionError", "RuntimeError", "re.compile"):
        return [*call.args, *call.keywords]
    if name.endswith("MuseStudioError"):
        return [*call.args[2:], *(word for word in call.keywords if word.arg == "detail")]
    return []


def template_of(node: ast.AST) -> str | None:
    """A string with {0}, {1} … where an f-string has values; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    text, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{count}}}"
            count += 1
    return text


def is_sentence(template: str) -> bool:
    """Two words and more, with a space between, and nothing of a path, a pattern or a format."""
    bare = re.sub(r"\{\d\}", " ", template)
    words = _LETTERS.findall(bare)
    looks_like_code = re.search(r"[\\_=<>|]|://|\bdtype\b|^\W*[a-z]+\.[a-z]+", bare)
    is_call = re.match(r"[A-Z]\w*\(", template)
    is_one_word = bool(re.fullmatch(r"[A-Z][a-z]+[.…]", template))
    return (is_one_word or (len(words) >= 2 and " " in template.strip())) and not (
        looks_like_code or is_call or template in UNSPOKEN
    )


# The files


def read_ts(path: Path) -> dict[str, str]:
    """Translations by English text; only those that are there."""
    if not path.is_file():
        return {}
    found = {}
    for message in ET.parse(path).getroot().iter("message"):
        translation = message.findtext("translation")
        if translation:
            found[message.findtext("source") or ""] = translation
    return found


def ts_text(texts: dict[str, Text], translations: dict[str, str], language: str) -> str:
    """A catalogue in Qt Linguist's form, ordered by English text so that changes are easy to read."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in sorted(texts):
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        if source in translations:
            translation.text = translations[source]
        else:
            translation.set("type", "unfinished")
    ET.indent(root, "  ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{ET.tostring(root, encoding="unicode")}\n'


def make(language: str = "ja_JP") -> list[str]:
    """Write all three files; returns the English texts that have no translation."""
    FOLDER.mkdir(exist_ok=True)
    sentences = sentence_texts()
    texts = {**sentences, **window_texts()}
    path = FOLDER / "ja.ts"
    translations = read_ts(path)
    path.write_text(ts_text(texts, translations, language), encoding="utf-8")
    told = sorted(source for source in sentences if source in translations)
    (FOLDER / "sentences.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    lrelease = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    subprocess.run([lrelease, "-silent", path, "-qm", path.with_suffix(".qm")], check=True)
    return missing(window_texts(), translations)


def missing(texts: dict[str, Text], translations: dict[str, str]) -> list[str]:
    return [f"{text.place}: {text.source}" for text in texts.values() if text.source not in translations]


def stale() -> list[str]:
    """What `make` would change or cannot fill."""
    translations = read_ts(FOLDER / "ja.ts")
    texts = {**sentence_texts(), **window_texts()}
    unknown = [f"not gathered yet: {source}" for source in sorted(set(texts) - _sources(FOLDER / "ja.ts"))]
    return [*unknown, *(f"no translation: {line}" for line in missing(window_texts(), translations))]


def _sources(path: Path) -> set[str]:
    return {message.findtext("source") or "" for message in ET.parse(path).getroot().iter("message")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    lines = stale() if parser.parse_args().check else [f"no translation: {line}" for line in make()]
    print("\n".join(lines) or "every text of the window is translated")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
