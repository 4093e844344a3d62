"""What the project database must hear of is written down by the database itself, in the transaction that does it.

So no way of changing a vendor is left out, and what is rolled back is never told. The wizard and signing in write to
none of these columns.
"""

from __future__ import annotations

import pgtrigger

THIS_TRANSACTION = "pg_current_xact_id()::text::bigint"

# `approved` again for someone who comes back after the end: whoever reads may have forgotten them.
STATE_INTO_FEED = pgtrigger.Trigger(
    name="state_into_feed",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("state"),
    condition=pgtrigger.AnyChange("state"),
    declare=[("what", "text")],
    func=f"""
        what := CASE
            WHEN NEW.state = 'approved' AND OLD.state = 'suspended' THEN 'reinstated'
            WHEN NEW.state IN ('approved', 'ended', 'erased') THEN NEW.state
            WHEN NEW.state = 'suspended' AND NEW.suspended_from = 'approved' THEN 'suspended'
        END;
        IF what = 'erased' THEN
            DELETE FROM vendors_feedline WHERE vendor_id = NEW.id;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
        END IF;
        IF what IS NOT NULL THEN
            DELETE FROM vendors_feedline
            WHERE vendor_id = NEW.id AND transaction = {THIS_TRANSACTION} AND kind = 'changed';
            INSERT INTO vendors_feedline (vendor_id, kind) VALUES (NEW.id, what);
        END IF;
        RETURN NULL;
    """,
)

# A vendor who is approved in a transaction that is still open is seen here as submitted, and so on: who is approved is
# asked again when the line is read.
_CHANGED = f"""
    INSERT INTO vendors_feedline (vendor_id, kind)
    SELECT id, 'changed' FROM vendors_vendor
    WHERE id = {{vendor}} AND state IN ('approved', 'submitted', 'suspended', 'ended') AND NOT EXISTS (
        SELECT FROM vendors_feedline WHERE vendor_id = {{vendor}} AND transaction = {THIS_TRANSACTION}
    );
    RETURN NULL;
"""


def of_vendor(*columns: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="change_into_feed",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*columns),
        condition=pgtrigger.AnyChange(*columns),
        func=_CHANGED.format(vendor="NEW.id"),
    )


def of_its_rows(*columns: str) -> list[pgtrigger.Trigger]:
    """For a table that points to the vendor: rows that come, go, or change in these columns."""
    return [
        pgtrigger.Trigger(
            name="row_into_feed",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Delete,
            func=_CHANGED.format(vendor="COALESCE(NEW.vendor_id, OLD.vendor_id)"),
        ),
        pgtrigger.Trigger(
            name="change_into_feed",
            when=pgtrigger.After,
            operation=pgtrigger.UpdateOf(*columns),
            condition=pgtrigger.AnyChange(*columns),
            func=_CHANGED.format(vendor="NEW.vendor_id"),
        ),
    ]


OF_PROFILE = of_its_rows(
    "kind",
    "country",
    "time_zone",
    "weekly_hours",
    "working_days",
    "notice",
    "minimum_fee",
    "currency",
)
