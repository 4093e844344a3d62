"""What strangers may do how often, by the network they come from.

Callers never ask about somebody whom an account, an invitation or a device names.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from identity.models import NetworkCount

KEPT_FOR = dt.timedelta(hours=1)
START, FAILED_CALLBACK, PROBLEM_PAGE, PUBLIC_FORM = "start", "failed_callback", "problem_page", "public_form"
AN_HOUR = {START: 600, FAILED_CALLBACK: 30, PROBLEM_PAGE: 60, PUBLIC_FORM: 10}
# Where a proxy, a load balancer or a colleague may be. Python's own is_private means more.
PRIVATE = [
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
]

_COUNT = """
    INSERT INTO identity_networkcount AS known (network, kind, since, count) VALUES (%(network)s, %(kind)s, %(now)s, 1)
    ON CONFLICT (network, kind) DO UPDATE SET
        count = CASE WHEN known.since > %(then)s THEN LEAST(known.count, 1000000) + 1 ELSE 1 END,
        since = CASE WHEN known.since > %(then)s THEN known.since ELSE %(now)s END
    RETURNING count
"""


class TooManyFromHere(Exception):
    """The network of whoever asks has done this too often within the hour."""


def is_over(request: HttpRequest, kind: str) -> bool:
    """Count this one, and say whether there were too many within the hour."""
    network = network_of(request)
    if not network:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, _counted(network, kind))
            (count,) = cursor.fetchone()
    except DatabaseError:
        return False  # what went wrong is to be told, and this must not stand in its way
    return count > AN_HOUR[kind]


def insert_unless_over(row: Model, network: str, kind: str) -> None:
    """Count this one and insert the row, in one statement; raise TooManyFromHere in place of inserting."""
    fields = row._meta.concrete_fields
    values = {
        f"value{at}": field.get_db_prep_save(field.pre_save(row, True), connection) for at, field in enumerate(fields)
    }
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    selected = ", ".join(f"%({name})s" for name in values)
    # Names of columns come from the model; every value is a parameter.
    statement = (
        f"WITH counted AS ({_COUNT}) "
        f"INSERT INTO {connection.ops.quote_name(row._meta.db_table)} ({columns}) "
        f"SELECT {selected} FROM counted WHERE count <= %(most)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**_counted(network, kind), **values, "most": AN_HOUR[kind]})
        if cursor.rowcount != 1:
            raise TooManyFromHere(kind)


def _counted(network: str, kind: str) -> dict[str, Any]:
    now = timezone.now()
    return {"network": network, "kind": kind, "now": now, "then": now - KEPT_FOR}


def network_of(request: HttpRequest) -> str:
    """A keyed hash of the network; empty for this machine, and for private networks that no proxy vouches for."""
    text = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXY:
        # The proxy appends whom it saw; what stands before that is what the browser said.
        text = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or text
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return _hashed("unknown") if settings.TRUSTED_PROXY else ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or (any(address in network for network in PRIVATE) and not settings.TRUSTED_PROXY):
        return ""
    return _hashed(str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False)))


def _hashed(network: str) -> str:
    return salted_hmac("identity.networks", network, algorithm="sha256").hexdigest()


def forget(*, now: dt.datetime | None = None) -> int:
    return NetworkCount.objects.filter(since__lt=(now or timezone.now()) - KEPT_FOR).delete()[0]
