"""Sessions that know their account, and how long each kind may last."""

from __future__ import annotations

import copy
import datetime as dt
import time
from typing import Any, cast

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import get_random_string

from identity.models import Session

ABSOLUTE = dt.timedelta(hours=8)  # staff, and vendors who did not ask to stay signed in
EMERGENCY = dt.timedelta(minutes=30)
STAY_IDLE = dt.timedelta(days=30)
STAY_ABSOLUTE = dt.timedelta(days=90)  # from the last interactive sign-in
TOUCH_EVERY = dt.timedelta(hours=12)

ACCOUNT = "account"
DEVICE = "device"
SID = "sid"
LOGOUT_HINT = "logout_hint"
ENDS_AT = "ends_at"
STAYS = "stays"
TOUCHED_AT = "touched_at"
INTERACTIVE_AT = "interactive_at"
MUST_CONFIRM = "must_confirm"


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

    def _get_new_session_key(self) -> str:
        """Without asking whether it is taken: 165 random bits are not, and the primary key would refuse."""
        return get_random_string(32, VALID_KEY_CHARS)

    def save(self, must_create: bool = False) -> None:
        """What has been written already is not written again at the end of the request."""
        if not must_create and self.session_key and self._written == dict(self.items()):
            return
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
        left = ends_at - time.time()
        if self.get(STAYS):
            left = min(left, STAY_IDLE.total_seconds())
        return max(0, int(left))

    def get_expiry_date(self, **kwargs: Any) -> dt.datetime:
        if self.get(ENDS_AT) is None:
            return super().get_expiry_date(**kwargs)
        return timezone.now() + dt.timedelta(seconds=self.get_expiry_age())

    def get_expire_at_browser_close(self) -> bool:
        return not self.get(STAYS)


def limit(session: Any, *, for_at_most: dt.timedelta) -> None:
    """The session ends with the browser, and after `for_at_most` in any case."""
    session[ENDS_AT] = int(time.time() + for_at_most.total_seconds())
    session[STAYS] = False


def stay(session: Any, *, interactive_at: float) -> None:
    """The session outlives the browser: 30 days idle, 90 days from the last interactive sign-in."""
    session[ENDS_AT] = int(interactive_at + STAY_ABSOLUTE.total_seconds())
    session[STAYS] = True
    session[TOUCHED_AT] = int(time.time())


def touch(session: Any) -> None:
    """Push the idle limit of a staying session, at most twice a day: not every page needs a write."""
    if session.get(STAYS) and time.time() - session.get(TOUCHED_AT, 0) > TOUCH_EVERY.total_seconds():
        session[TOUCHED_AT] = int(time.time())
