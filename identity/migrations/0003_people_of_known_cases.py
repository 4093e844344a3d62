"""Cases that are there already get their people, so that nobody whom VM has not been told of is forgotten."""

from django.db import migrations
from django.db.models import F


def name_people(apps, schema_editor):
    Failure = apps.get_model("identity", "Failure")
    Invitation = apps.get_model("identity", "Invitation")
    FailurePerson = apps.get_model("identity", "FailurePerson")
    Failure.objects.filter(subject__startswith="address:").update(is_typed=True)
    Failure.objects.update(opened_at=F("first_seen_at"))
    for failure in Failure.objects.filter(people=None).iterator():
        addresses = [failure.address]
        if failure.subject == "passport":
            addresses = list(dict.fromkeys(failure.detail.pop("addresses", []))) or [failure.address]
            failure.save(update_fields=["detail"])
        for address in addresses:
            who, user_id = failure.subject, failure.user_id
            if failure.subject == "passport":
                invited = Invitation.objects.filter(address__iexact=address).order_by("-queued_at").first()
                user_id = invited.user_id if address and invited else None
                who = f"user:{user_id}" if user_id else f"address:{address.lower()}" if address else "unknown"
            elif failure.subject.startswith("attempt:"):
                who = "unknown"
            FailurePerson.objects.create(
                failure=failure,
                who=who,
                user_id=user_id,
                address=address,
                is_typed=failure.is_typed,
                claimed_address=failure.claimed_address if len(addresses) == 1 else "",
                detail=failure.detail,
                count=max(failure.count, 1) if len(addresses) == 1 else 1,
                told_count=failure.mailed_count if len(addresses) == 1 else 1,
                first_seen_at=failure.first_seen_at,
                last_seen_at=failure.last_seen_at,
                waits_for_digest=failure.reason == "did_not_come_back",
                reported_at=failure.mailed_at,
                resolved_at=failure.resolved_at,
                got_further=failure.resolved_at is not None and failure.resolved_by_id is None,
            )


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_people_in_cases")]

    operations = [migrations.RunPython(name_people, migrations.RunPython.noop)]
