"""Django's PostgreSQL, with a cheaper look at whether a connection that was kept is still there."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

# Whatever stands between may have forgotten a connection that was quiet for longer, without a word to either side.
QUIET_SECONDS = 30.0


class DatabaseWrapper(base.DatabaseWrapper):
    """CONN_HEALTH_CHECKS sends `SELECT 1` before each request. A server that goes away says so, or its machine does,
    and that lies in the socket unread: so only then, or after a quiet while, the server is asked."""

    checked_at = float("-inf")

    def is_usable(self) -> bool:
        now = time.monotonic()
        if not self.errors_occurred and now - self.checked_at < QUIET_SECONDS and self._has_heard_nothing():
            self.checked_at = now
            return True
        if not super().is_usable():
            return False
        self.checked_at = time.monotonic()
        return True

    def _has_heard_nothing(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()  # select() itself knows no more than 1024 open files
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)
