"""A report that a person reads: tables, sheets and sentences, as Markdown and as one HTML file that needs no other.

Knows nothing of what was measured.
"""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from muse_studio.core.files import atomic_write, disk_error

MARKDOWN_NAME, HTML_NAME, FIGURES_NAME = "report.md", "report.html", "figures.json"

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #8886; padding: .3rem .7rem; text-align: left; }
th { background: #8882; }
td:not(:first-child) { font-variant-numeric: tabular-nums; }
img { max-width: 100%; height: auto; background: white; }
figure { margin: 1rem 0; overflow-x: auto; }
figcaption { color: #888; }
""".strip()


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of as many cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture of pictures. name: its file, ending in .png. caption: what it shows."""

    name: str
    png: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class Section:
    """A headline, and below it paragraphs, tables and sheets in their order."""

    title: str
    parts: tuple[str | Table | Sheet, ...]


@dataclass(slots=True)
class Report:
    """figures: everything that was measured, as plain values for a program."""

    title: str
    intro: str
    sections: list[Section] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """report.md with its sheets beside it, report.html, figures.json. MuseStudioError(DISK)."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise disk_error(folder, fault) from fault
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Sheet):
                    atomic_write(folder / part.name, part.png)
        atomic_write(folder / MARKDOWN_NAME, self.markdown().encode())
        atomic_write(folder / HTML_NAME, self.html().encode())
        atomic_write(folder / FIGURES_NAME, (json.dumps(self.figures, indent=1, ensure_ascii=False) + "\n").encode())

    def markdown(self) -> str:
        """The report with links to its sheets."""
        blocks = [f"# {self.title}", self.intro]
        for section in self.sections:
            blocks += [f"## {section.title}", *(_markdown(part) for part in section.parts)]
        return "\n\n".join(blocks) + "\n"

    def html(self) -> str:
        """The report with its sheets inside."""
        blocks = [f"<h1>{html.escape(self.title)}</h1>", _paragraph(self.intro)]
        for section in self.sections:
            blocks += [f"<h2>{html.escape(section.title)}</h2>", *(_html(part) for part in section.parts)]
        head = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{html.escape(self.title)}</title><style>{_STYLE}</style></head><body>"
        )
        return "\n".join([head, *blocks, "</body></html>"]) + "\n"


def _markdown(part: str | Table | Sheet) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Sheet):
        return f"![{part.caption.replace(']', ')')}]({part.name})\n\n*{part.caption}*"
    lines = [part.header, ("---",) * len(part.header), *part.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _paragraph(text: str) -> str:
    """Plain words and `code`."""
    words = re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text))
    return f"<p>{words}</p>"


def _html(part: str | Table | Sheet) -> str:
    if isinstance(part, str):
        return _paragraph(part)
    if isinstance(part, Sheet):
        inside = base64.b64encode(part.png).decode()
        caption = html.escape(part.caption)
        picture = f'<img alt="{caption}" src="data:image/png;base64,{inside}">'
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in part.header)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in part.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
