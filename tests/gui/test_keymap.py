"""Keys of commands: one command each, whatever is chosen, taken back or was kept from before."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from muse_studio.gui.keymap import Keymap, portable

DEFAULTS = {"undo": ("Ctrl+Z",), "redo": ("Ctrl+Shift+Z", "Ctrl+Y"), "brush": ("B",), "new": ("Ctrl+N",)}
KEYS = st.sampled_from(["Ctrl+Z", "ctrl+z", "Ctrl+Y", "B", "E", "F5", "Ctrl+Alt+P", "no key at all"])


def test_keys_are_written_in_one_way() -> None:
    assert portable("ctrl+shift+z") == portable("Shift+Ctrl+Z") == "Ctrl+Shift+Z"
    assert Keymap({"undo": ("ctrl+z", "Ctrl+Z")})["undo"] == ("Ctrl+Z",)


def test_a_key_that_is_given_away_is_lost_where_it_was() -> None:
    keymap = Keymap(DEFAULTS)
    told: list[frozenset[str]] = []
    keymap.on_change.append(told.append)
    assert keymap.holder("Ctrl+Y", besides="brush") == "redo"
    keymap.assign("brush", ("Ctrl+Y",))
    assert keymap["brush"] == ("Ctrl+Y",)
    assert keymap["redo"] == ("Ctrl+Shift+Z",)
    assert told == [frozenset({"brush", "redo"})]
    assert keymap.chosen == {"brush": ("Ctrl+Y",), "redo": ("Ctrl+Shift+Z",)}


def test_resetting_one_takes_its_own_key_back() -> None:
    keymap = Keymap(DEFAULTS)
    keymap.assign("new", ("B",))
    assert keymap["brush"] == ()
    keymap.reset("brush")
    assert keymap["brush"] == ("B",)
    assert keymap["new"] == ()
    keymap.reset_all()
    assert keymap.chosen == {}
    assert keymap["new"] == ("Ctrl+N",)


def test_what_was_kept_is_used_and_foreign_names_are_forgotten() -> None:
    keymap = Keymap(DEFAULTS, {"undo": ("F5",), "gone": ("F6",), "brush": ("B",)})
    assert keymap["undo"] == ("F5",)
    assert keymap.chosen == {"undo": ("F5",)}


@given(st.lists(st.tuples(st.sampled_from([*DEFAULTS]), st.lists(KEYS, max_size=3), st.booleans()), max_size=12))
def test_no_key_ever_has_two_commands(steps: list[tuple[str, list[str], bool]]) -> None:
    keymap = Keymap(DEFAULTS)
    for name, keys, back in steps:
        if back:
            keymap.reset(name)
        else:
            keymap.assign(name, tuple(keys))
        held = Counter(key for each in keymap.names for key in keymap[each])
        assert not [key for key, count in held.items() if count > 1]
        assert Keymap(DEFAULTS, keymap.chosen).chosen == keymap.chosen, "what is kept gives the same keys again"
