"""How the work grows with the input: hostile texts and files may cost what their length costs, but no more.

Two measurements are compared, so that a slow or a busy machine makes no difference.
"""

import time
from collections.abc import Callable

FOUR_TIMES = 4


def cpu_seconds(work: Callable[[], object]) -> float:
    """The best of three, as the same work takes half as long again when the core's other half is busy."""
    times = []
    for _round in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def assert_in_proportion(work: Callable[[int], Callable[[], object]], *, length: int) -> None:
    """Four times the length takes about four times as long, not sixteen. `work(length)` prepares what is measured."""
    short, whole = (cpu_seconds(work(measured)) for measured in (length // FOUR_TIMES, length))
    assert whole < 3 * FOUR_TIMES * short + 0.02
