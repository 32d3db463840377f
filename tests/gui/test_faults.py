"""No exception escapes a slot or a task: each is shown once and the program goes on."""

from __future__ import annotations

import asyncio

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.gui.faults import Faults


def faults() -> tuple[Faults, list[MuseStudioError]]:
    shown: list[MuseStudioError] = []
    return Faults(shown.append), shown


def raise_it(fault: Exception) -> None:
    raise fault


def test_a_slot_reports_and_returns() -> None:
    guard, shown = faults()
    guard.slot(lambda: raise_it(ValueError("secret detail")))()
    assert [error.kind for error in shown] == [ErrorKind.INTERNAL]
    assert "secret detail" in shown[0].detail
    assert "secret detail" not in shown[0].message


def test_our_own_errors_are_shown_as_they_are() -> None:
    guard, shown = faults()
    error = MuseStudioError(ErrorKind.DISK, "The disk is full.")
    guard.slot(lambda: raise_it(error))()
    assert shown == [error]


def test_running_out_of_memory_is_called_that() -> None:
    guard, shown = faults()
    guard.slot(lambda: raise_it(MemoryError()))()
    assert shown[0].kind is ErrorKind.OUT_OF_MEMORY


def test_surplus_signal_arguments_are_dropped() -> None:
    guard, shown = faults()
    heard: list[object] = []
    guard.slot(lambda: heard.append("none"))(True, 3)
    guard.slot(lambda value: heard.append(value))(7, 8)
    assert heard == ["none", 7]
    assert not shown


def test_tasks_report_and_are_waited_for() -> None:
    guard, shown = faults()
    done: list[str] = []

    async def work(fail: bool) -> None:
        await asyncio.sleep(0)
        if fail:
            raise OSError("gone")
        done.append("done")

    async def scene() -> None:
        guard.spawn(work(fail=True))
        guard.spawn(work(fail=False))
        await guard.finish_tasks()

    asyncio.run(scene())
    assert done == ["done"]
    assert len(shown) == 1


def test_a_task_that_never_ends_is_cancelled_in_the_end() -> None:
    guard, shown = faults()

    async def scene() -> asyncio.Task[None]:
        task = guard.spawn(asyncio.sleep(3600))
        await guard.finish_tasks(timeout_s=0.01)
        return task

    assert asyncio.run(scene()).cancelled()
    assert not shown


def test_a_fault_in_showing_a_fault_stays_inside() -> None:
    guard = Faults(lambda _error: raise_it(RuntimeError("no window")))
    guard.slot(lambda: raise_it(ValueError()))()


def test_what_a_task_spawns_at_its_end_is_waited_for_too() -> None:
    done: list[str] = []

    async def last() -> None:
        await asyncio.sleep(0.01)
        done.append("last")

    async def main() -> None:
        faults = Faults(lambda _: None)

        async def first() -> None:
            faults.spawn(last())

        faults.spawn(first())
        await faults.finish_tasks()

    asyncio.run(main())
    assert done == ["last"]


def test_once_all_is_over_nothing_begins() -> None:
    faults, begun = Faults(print), []

    async def work() -> None:
        begun.append(1)

    async def closing() -> None:
        await faults.finish_tasks()
        assert faults.spawn(work()) is None
        await asyncio.sleep(0)

    asyncio.run(closing())
    assert not begun
