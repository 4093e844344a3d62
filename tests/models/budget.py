"""How long the models run: the same examples every time in CI, others by the clock in `make soak`.

A model is a `Model`, a stateful machine of hypothesis, and is run by `run()` from one test in a file of its own. What
fails is shrunk and printed as the list of its steps.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test

SOAK_SECONDS = float(os.environ.get("PASSPORT_SOAK_SECONDS") or 0)
# The models share the time of a soak, and its machine: they run one after the other.
MODELS = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
# Between two looks at the clock, so that what was learnt about one failure is shrunk before the next is looked for.
EXAMPLES_AT_A_TIME = 10


class Model(RuleBasedStateMachine):
    """Counts its steps. What a rule does is said by its name and arguments, so draw nothing inside a rule."""

    steps: ClassVar[int] = 0
    examples: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        type(self).examples += 1
        type(self).steps -= 1  # the first check comes before the first step

    @invariant()
    def everything_is_as_promised(self) -> None:
        type(self).steps += 1
        self.check()

    def see(self, what: str) -> None:
        """How often has it come to this? What a model never sees it cannot find."""
        type(self).seen[what] += 1

    def check(self) -> None:
        """What must be so after every step. Only one invariant, as each is printed after each step."""


def run(model: type[Model], *, examples: int, steps: int, start: Callable[[], Model] | None = None) -> None:
    """Run so many examples of at most so many steps, always the same ones; or, in a soak, others until time is up.

    `start` makes the machine for each example, which is where the database and the tenant are emptied.
    """
    began = time.monotonic()
    until = began + SOAK_SECONDS / len(MODELS)
    model.steps, model.examples, model.seen = 0, 0, Counter()
    try:
        if not SOAK_SECONDS:
            run_state_machine_as_test(start or model, settings=_settings(examples, steps, repeats=True))
        while time.monotonic() < until:
            run_state_machine_as_test(start or model, settings=_settings(EXAMPLES_AT_A_TIME, steps, repeats=False))
    finally:
        print(  # noqa: T201
            f"\n{model.__name__}: {model.steps} steps in {model.examples} examples, {time.monotonic() - began:.0f} s"
        )
        print(", ".join(f"{what} {number}" for what, number in sorted(model.seen.items())))  # noqa: T201


def _settings(examples: int, steps: int, *, repeats: bool) -> settings:
    """Without a file of examples: what a model has found becomes an example test."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=repeats,
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
