"""What the database copies from a vendor to other rows, in the statement that changes the vendor.

By triggers, so that no way of writing either is left out. They are in the migrations as they come from here; the ones
on tables of identity are ours too, because identity knows no vendors.
"""

from __future__ import annotations

# The mark is vendors.answers.search_words.OF_PROFILE.
_WORDS = (
    "search_words || ARRAY(SELECT '~' || word FROM"
    " (SELECT unnest(search_words) UNION SELECT unnest(profile_words)) known (word))"
)

# Rows that say whose they are by the vendor's user, and by the vendor.
BY_USER = ("identity_failure", "identity_invitation", "identity_entraaccount", "identity_signinattempt")
BY_VENDOR = (
    "vendors_datarequest",
    "vendors_document",
    "vendors_emailchangerequest",
    "vendors_evidence",
    "vendors_paymentrelease",
    "vendors_retentionentry",
    "vendors_retentionhold",
    "vendors_taxcheck",
)


def copy_words(*, by_user: tuple[str, ...] = (), by_vendor: tuple[str, ...] = ()) -> str:
    """SQL: keep `found_by` of these tables what it is to be."""
    tables = [(table, "user_id", "user_id") for table in by_user] + [(table, "vendor_id", "id") for table in by_vendor]
    return "\n".join(_triggers(table, key, of_vendor) for table, key, of_vendor in tables)


def copy_words_no_more(*, by_user: tuple[str, ...] = (), by_vendor: tuple[str, ...] = ()) -> str:
    """SQL: the way back. The triggers go with their functions."""
    names = [f"{table}_{does}_words" for table in (*by_user, *by_vendor) for does in ("take", "get")]
    return "\n".join(f"DROP FUNCTION {name}() CASCADE;" for name in names)


def _triggers(table: str, key: str, of_vendor: str) -> str:
    return f"""
        CREATE FUNCTION {table}_take_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.found_by := coalesce(
                (SELECT {_WORDS} FROM vendors_vendor WHERE {of_vendor} = NEW.{key}), '{{}}'
            );
            RETURN NEW;
        END $$;
        CREATE TRIGGER take_words BEFORE INSERT OR UPDATE OF {key} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_take_words();

        CREATE FUNCTION {table}_get_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE {table} SET found_by = (SELECT {_WORDS} FROM vendors_vendor WHERE id = NEW.id)
            WHERE {key} = NEW.{of_vendor};
            RETURN NULL;
        END $$;
        CREATE TRIGGER words_to_{table} AFTER UPDATE OF search_words, profile_words ON vendors_vendor
            FOR EACH ROW WHEN (OLD.search_words <> NEW.search_words OR OLD.profile_words <> NEW.profile_words)
            EXECUTE FUNCTION {table}_get_words();
    """


# Whether an email change of the vendor is open, so that VM's list of those looks at one table alone.
COPY_OPEN_EMAIL_CHANGE = """
    CREATE FUNCTION vendors_vendor_has_open_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of_vendor bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.vendor_id ELSE NEW.vendor_id END;
        is_open boolean := EXISTS (SELECT FROM vendors_emailchange WHERE vendor_id = of_vendor AND state = 'open');
    BEGIN
        UPDATE vendors_vendor SET has_open_email_change = is_open
        WHERE id = of_vendor AND has_open_email_change <> is_open;
        RETURN NULL;
    END $$;
    CREATE TRIGGER open_email_change AFTER INSERT OR DELETE OR UPDATE OF state ON vendors_emailchange
        FOR EACH ROW EXECUTE FUNCTION vendors_vendor_has_open_change();
"""
COPY_OPEN_EMAIL_CHANGE_NO_MORE = "DROP FUNCTION vendors_vendor_has_open_change() CASCADE;"


# Whether we know how to pay the vendor, so that Finance's list of those whom we cannot pay looks at one table alone.
COPY_PAYMENT_DETAILS = """
    CREATE FUNCTION vendors_vendor_has_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE vendors_vendor SET has_payment_details = TG_OP = 'INSERT'
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.vendor_id ELSE NEW.vendor_id END;
        RETURN NULL;
    END $$;
    CREATE TRIGGER payment_details AFTER INSERT OR DELETE ON vendors_paymentdetails
        FOR EACH ROW EXECUTE FUNCTION vendors_vendor_has_payment();
"""
COPY_PAYMENT_DETAILS_NO_MORE = "DROP FUNCTION vendors_vendor_has_payment() CASCADE;"
