"""Sessions that know their account, and how long each kind may last."""

from __future__ import annotations

import copy
import datetime as dt
import math
import secrets
import time
from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.utils import timezone

from identity.compiled_queries import Compiled, CompiledInsert, Given
from identity.models import Session

ABSOLUTE = dt.timedelta(hours=8)  # staff, and vendors who did not ask to stay signed in
STAFF_IDLE = dt.timedelta(minutes=60)
EMERGENCY = dt.timedelta(minutes=30)
NOTED_EVERY = dt.timedelta(minutes=15)  # when a session was last used
STAY_IDLE = dt.timedelta(days=30)
STAY_ABSOLUTE = dt.timedelta(days=90)  # from the last interactive sign-in

ACCOUNT = "account"
BROWSER = "browser"
BEGAN_AT = "began_at"  # proving once more who one is begins no new one
ENDED_ELSEWHERE = "ended_elsewhere"  # when its owner ended it from another browser; nothing else is left in it
DEVICE = "device"
SID = "sid"
LOGOUT_HINT = "logout_hint"
ENDS_AT = "ends_at"
STAYS = "stays"
IDLE = "idle"  # seconds without a visit after which it ends
TOUCHED_AT = "touched_at"
INTERACTIVE_AT = "interactive_at"
MUST_CONFIRM = "must_confirm"

LIVE = Compiled(lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")))
INSERT = CompiledInsert(Session)


class SessionStore(DatabaseStore):
    _written: dict[str, Any] | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast(Session, super().create_model_instance(data))
        user = data.get("_auth_user_id")
        session.user_id = int(user) if user else None
        session.account_id = data.get(ACCOUNT)
        session.device_id = data.get(DEVICE)
        session.sid = data.get(SID, "")
        return session

    def _get_session_from_db(self) -> Session | None:
        session = LIVE.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None
        return session

    def _get_new_session_key(self) -> str:
        """Without asking whether it is taken: 192 random bits are not, and the primary key would refuse."""
        return secrets.token_urlsafe(24)

    def save(self, must_create: bool = False) -> None:
        """What has been written already is not written again at the end of the request."""
        if not must_create and self.session_key and self._written == dict(self.items()):
            return
        if must_create and transaction.get_connection().in_atomic_block:
            # No savepoint to go back to, since the key is not taken: two statements less in a sign-in.
            data = self._get_session(no_load=True)  # type: ignore[attr-defined]
            INSERT(self.create_model_instance(data))
        else:
            super().save(must_create)
        self._written = copy.deepcopy(dict(self.items()))

    def cycle_key(self) -> None:
        """A visitor without a session has no key to cycle: one INSERT with the response will do."""
        if self.session_key is None:
            self._session_cache = dict(self.items())
            self.modified = True
        else:
            super().cycle_key()

    def get_expiry_age(self, **kwargs: Any) -> int:
        ends_at = self.get(ENDS_AT)
        if ends_at is None:
            return super().get_expiry_age(**kwargs)
        left = min(ends_at - time.time(), self.get(IDLE, math.inf))
        return max(0, int(left))

    def get_expiry_date(self, **kwargs: Any) -> dt.datetime:
        if self.get(ENDS_AT) is None:
            return super().get_expiry_date(**kwargs)
        return timezone.now() + dt.timedelta(seconds=self.get_expiry_age())

    def get_expire_at_browser_close(self) -> bool:
        return not self.get(STAYS)


def limit(session: Any, *, for_at_most: dt.timedelta, idle: dt.timedelta | None = None) -> None:
    """The session ends with the browser, after `idle` without a visit, and after `for_at_most` in any case."""
    session[ENDS_AT] = int(time.time() + for_at_most.total_seconds())
    session[STAYS] = False
    session[TOUCHED_AT] = int(time.time())
    session.pop(IDLE, None)
    if idle is not None:
        _end_when_idle(session, after=idle)


def stay(session: Any, *, interactive_at: float) -> None:
    """The session outlives the browser: 30 days idle, 90 days from the last interactive sign-in."""
    session[ENDS_AT] = int(interactive_at + STAY_ABSOLUTE.total_seconds())
    session[STAYS] = True
    _end_when_idle(session, after=STAY_IDLE)


def touch(session: Any) -> None:
    """Note that it is used, and push the idle limit: once a quarter of an hour, once a minute where the limit is an
    hour. Not every page needs a write.
    """
    if ENDS_AT not in session:
        return
    every = min(NOTED_EVERY.total_seconds(), session.get(IDLE, math.inf) / 60)
    if time.time() - session.get(TOUCHED_AT, 0) >= every:
        session[TOUCHED_AT] = int(time.time())


def moment(seconds: int | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _end_when_idle(session: Any, *, after: dt.timedelta) -> None:
    session[IDLE] = int(after.total_seconds())
    session[TOUCHED_AT] = int(time.time())
