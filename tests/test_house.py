"""The laws of the house, as far as a machine can see them by reading the source and starting the program."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from muse_studio import __version__

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "muse_studio"
SOURCES = sorted(PACKAGE.rglob("*.py"))
LINES_LIMIT = 450
TORCH_ROOMS = ("muse", "weights", "worker", "training", "evaluation")
SOCKET_MODULES = {"socket", "socketserver", "http", "xmlrpc", "asyncio.start_server", "multiprocessing.connection"}
NETWORK_MODULES = {
    "aiohttp", "ftplib", "httpcore2", "httpx", "httpx2", "huggingface_hub", "requests", "smtplib", "ssl", "telnetlib",
    "urllib.request", "urllib3", "webbrowser", "websockets", "PySide6.QtNetwork", "PySide6.QtWebSockets",
}  # fmt: skip
DOOR = "muse_studio/weights/hub.py"
MAY_REACH_THE_NETWORK = {
    DOOR: {"httpx2", "huggingface_hub"},
    "muse_studio/muse/text.py": {"huggingface_hub"},  # `from_hub`: training's text encoder, when a person asks for it
}
MAY_OPEN_THE_DOOR = {"muse_studio/weights/download.py", "muse_studio/cli/get.py"}
PICKLE_MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib"}


def room(path: Path) -> str:
    """The package a source file belongs to; empty for the front door."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file it does."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[str]:
    """The dotted name of everything a file calls, and every keyword as `name=`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
            yield from (f"{keyword.arg}=" for keyword in node.keywords if keyword.arg)


def allows_pickle(path: Path) -> bool:
    """Whether numpy is told that it may unpickle; its own default is not to."""
    keywords = (node for node in ast.walk(tree(path)) if isinstance(node, ast.keyword) and node.arg == "allow_pickle")
    return any(not (isinstance(word.value, ast.Constant) and word.value.value is False) for word in keywords)


def offenders(found: dict[Path, set[str]]) -> dict[str, list[str]]:
    return {str(path.relative_to(ROOT)): sorted(what) for path, what in found.items() if what}


def modules_after(code: str) -> set[str]:
    """Top-level names in sys.modules after `code` ran in a fresh Python. The program's own output goes nowhere."""
    report = (
        "import sys; print('|'.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.__stderr__)"
    )
    run = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    return set(run.stderr.strip().splitlines()[-1].split("|"))


def test_the_help_of_the_command_line_needs_neither_torch_nor_qt() -> None:
    for words in (["--help"], ["generate", "--help"], ["inpaint", "--help"], ["--version"]):
        modules = modules_after(f"from muse_studio.__main__ import main; assert main({words!r}) == 0")
        assert not modules & {"torch", "transformers", "PySide6", "qasync"}, words


@pytest.mark.parametrize(
    "module",
    ["core.request", "core.document", "client.client", "ipc.messages", "cli.main", "places", "weights.download"],
)
def test_rooms_without_the_model_import_neither_torch_nor_qt(module: str) -> None:
    assert not modules_after(f"import muse_studio.{module}") & {"torch", "transformers", "PySide6", "qasync"}


def test_the_window_never_imports_torch() -> None:
    modules = modules_after("import muse_studio.gui.app, muse_studio.gui.main_window")
    assert "PySide6" in modules
    assert not modules & {"torch", "transformers", "safetensors"}


def test_only_the_window_imports_qt() -> None:
    found = {path: {name for name in imported(path) if name.startswith(("PySide6", "qasync"))} for path in SOURCES}
    assert not offenders({path: what for path, what in found.items() if room(path) != "gui"})


def test_only_the_rooms_of_the_model_import_torch() -> None:
    found = {path: {name for name in imported(path) if name.split(".")[0] == "torch"} for path in SOURCES}
    assert not offenders({path: what for path, what in found.items() if room(path) not in TORCH_ROOMS})


def test_nothing_unpickles() -> None:
    found = {path: {name for name in imported(path) if name.split(".")[0] in PICKLE_MODULES} for path in SOURCES}
    assert not offenders(found)
    risky = {"torch.load", "torch.save", "trust_remote_code="}
    assert not offenders({path: set(calls(path)) & risky for path in SOURCES})
    assert not [path for path in SOURCES if allows_pickle(path)]


def test_nothing_runs_text_as_code() -> None:
    found = {path: set(calls(path)) & {"eval", "exec", "compile", "__import__", "os.system"} for path in SOURCES}
    assert not offenders(found)
    assert not offenders({path: set(calls(path)) & {"shell="} for path in SOURCES})


def test_nothing_opens_a_socket() -> None:
    found = {
        path: {name for name in imported(path) if name in SOCKET_MODULES or name.split(".")[0] in SOCKET_MODULES}
        for path in SOURCES
    }
    assert not offenders(found)
    servers = {"asyncio.start_server", "asyncio.open_connection", "create_server", "QTcpServer", "QLocalServer"}
    assert not offenders({path: set(calls(path)) & servers for path in SOURCES})


def test_only_the_door_to_the_hub_reaches_the_network() -> None:
    """The program works offline. One module knows clients of the network, and only a download opens it."""
    found = {}
    for path in SOURCES:
        prefixes = {name for name in NETWORK_MODULES for one in imported(path) if f"{one}.".startswith(f"{name}.")}
        found[path] = prefixes - MAY_REACH_THE_NETWORK.get(path.relative_to(ROOT).as_posix(), set())
    assert not offenders(found)
    door = DOOR.removesuffix(".py").replace("/", ".")
    openers = {path.relative_to(ROOT).as_posix() for path in SOURCES if door in imported(path)}
    assert openers == MAY_OPEN_THE_DOOR


def test_nothing_but_a_download_imports_what_reaches_the_network() -> None:
    """Not even the commands about models, nor the window: `get` imports the door after its words were understood."""
    for words in (["models", "list", "--available"], ["models", "get", "--help"], ["models", "list"]):
        modules = modules_after(f"from muse_studio.__main__ import main; assert main({words!r}) == 0")
        assert not modules & {"huggingface_hub", "httpx2", "httpcore2"}, words
    assert not modules_after("import muse_studio.gui.main_window") & {"huggingface_hub", "httpx2", "httpcore2"}


def test_damaged_pictures_are_never_loaded_anyway() -> None:
    assert not [path for path in SOURCES if "LOAD_TRUNCATED_IMAGES =" in path.read_text(encoding="utf-8")]


def test_pillow_and_qt_never_save_to_a_path() -> None:
    """Their own `save(path)` destroys the old file on a full disk: pictures become bytes, then `atomic_write`."""
    found: dict[Path, set[str]] = {}
    for path in SOURCES:
        if room(path) in ("training", "evaluation"):
            continue  # they write new files of a run, never over an artist's
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save"):
                continue
            first = ast.unparse(node.args[0]) if node.args else ""
            if any(word in first.lower() for word in ("path", "file", "target", "str(", "out")):
                found.setdefault(path, set()).add(ast.unparse(node))
    found.pop(PACKAGE / "core" / "pictures.py", None)
    assert not offenders(found)


def test_no_file_holds_two_ideas() -> None:
    files = [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / ".ci").rglob("*.py")]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > LINES_LIMIT} == {}


def test_every_package_says_what_it_is() -> None:
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    assert packages
    assert [str(path.relative_to(ROOT)) for path in packages if not ast.get_docstring(tree(path))] == []
    folders = {path.parent for path in SOURCES}
    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_imports_go_only_where_the_house_allows() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_pinned_versions_fit_the_ranges() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            pins[canonical(pin.name)] = str(next(iter(pin.specifier)).version)
    wanted = [*project["dependencies"]]
    for extra in ("train", "evaluate", "dev"):
        wanted += project["optional-dependencies"][extra]
    for text in wanted:
        requirement = Requirement(text)
        assert canonical(requirement.name) in pins, f"{requirement.name} is not pinned in constraints.txt"
        assert requirement.specifier.contains(pins[canonical(requirement.name)]), text


def canonical(name: str) -> str:
    return name.lower().replace("_", "-")


def test_the_version_is_the_one_in_the_changelog() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_none_keeps_its_references_while_widgets_update(qapp: object) -> None:
    """PySide6 6.12.0 lost one for every void call, and Python 3.11 aborted within seconds of painting."""
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 100
    widget.deleteLater()
