import time
from collections import deque


class Throttle:
    """Lets so many requests through in so many seconds, and says how long to wait."""

    def __init__(self):
        self._taken: deque[float] = deque()

    def seconds_to_wait(self, limit: int, window: float) -> float:
        now = time.monotonic()
        while self._taken and now - self._taken[0] >= window:
            self._taken.popleft()
        if limit and len(self._taken) >= limit:
            return window - (now - self._taken[0])
        self._taken.append(now)
        return 0
