"""Since when cursors of the feed count. A restored database knows less than whoever reads from it, or numbers its
transactions anew, so the cursors from before are refused."""

from __future__ import annotations

import secrets

from django.db import DatabaseError, connection, transaction

from vendors.models import FeedEpoch, FeedLine

# What a dump does not carry: the server, its timeline (another one after a failover or a restore to a point in time),
# the database and the table, which a restore makes anew. Not everybody may ask for all of it.
_MARKS = (
    "SELECT system_identifier::text FROM pg_control_system()",
    "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
    "SELECT oid::text FROM pg_database WHERE datname = current_database()",
    f"SELECT '{FeedLine._meta.db_table}'::regclass::oid::text",
)


def current_epoch() -> str:
    """Its name; a new one if this is no longer the database in which it began."""
    epoch, database = FeedEpoch.objects.first(), _database()
    if epoch and epoch.database == database:
        return epoch.name
    return renew_feed()


@transaction.atomic
def renew_feed() -> str:
    """For whoever has restored the database: every reader has to start again without a cursor."""
    # Their numbers are those of another server: there are no cursors any more for which they could come later.
    FeedLine.objects.update(transaction=0)
    name = secrets.token_hex(8)
    FeedEpoch.objects.update_or_create(pk=1, defaults={"name": name, "database": _database()})
    return name


def _database() -> str:
    return ".".join(map(_mark, _MARKS))


def _mark(question: str) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(question)
            (answer,) = cursor.fetchone()
    except DatabaseError:
        return ""
    return str(answer)
