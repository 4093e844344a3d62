"""What happened with a vendor, in words: an entry of the timeline for each kind of row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import ngettext

from identity.failures import reasons
from identity.invitations import wording
from identity.models import Failure, Invitation, LoggedSignIn, SentEmail, SignInAttempt, User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.agreements import texts as agreements
from vendors.history.field_changes import Change
from vendors.models import ClosedAs, Document, EmailChange, EvidenceKind, Note, Vendor, VendorEvent, VendorNotice


@dataclass(frozen=True)
class Entry:
    at: dt.datetime
    title: str
    tag: str = ""
    tag_label: str = ""
    details: list[str] = field(default_factory=list)
    who: str = ""
    failure: Failure | None = None
    note: Note | None = None
    text: str = ""  # long; folded away
    parts: list[Entry] = field(default_factory=list)  # of which this one is made; folded away
    is_step: bool = False  # of the wizard


def invitation_says(invitation: Invitation, *, worker_is_dead: bool) -> list[str]:
    """What is to be known about where the invitation stands."""
    sentences = []
    if invitation.state == Invitation.State.QUEUED:
        if worker_is_dead:
            sentences.append(
                _("Waiting because the worker is not running. Ask operations to start it. Nothing is lost.")
            )
        elif invitation.next_try_at:
            sentences.append(
                _("Waiting for Microsoft. Next attempt on %(time)s.") % {"time": shown(invitation.next_try_at)}
            )
        else:
            sentences.append(_("Waiting for Microsoft."))
    if invitation.reason and invitation.state in (Invitation.State.QUEUED, Invitation.State.REFUSED):
        reason = reasons.get(invitation.reason)
        sentences.append(str(reason.vm_text))
        if invitation.state == Invitation.State.REFUSED:
            sentences.append(str(reason.vm_action))
    if invitation.last_error and invitation.state in (Invitation.State.QUEUED, Invitation.State.REFUSED):
        sentences.append(invitation.last_error)
    if invitation.attempts > 1:
        sentences.append(_("Tried %(count)s times.") % {"count": invitation.attempts})
    return sentences


def shown(at: dt.datetime) -> str:
    return ours(date_format(timezone.localtime(at), "DATETIME_FORMAT"))


def _who(by: User | None, via: str) -> str:
    return str(by) if by else via


def of_event(event: VendorEvent, vendor: Vendor, titles: Mapping[str, str | Promise]) -> Entry:
    """`titles` are those of the wizard's pages, by name."""
    details = [event.reason] if event.reason else []
    code = event.data.get("reason")
    if code:
        details.append(str(reasons.get(code).vm_text))
    if closed_as := event.data.get("closed_as"):
        details.insert(0, _capital(str(ClosedAs(closed_as).label)))
    if (sessions := event.data.get("sessions")) is not None:
        sentence = ngettext("%(count)s session was ended.", "%(count)s sessions were ended.", sessions)
        details.append(sentence % {"count": sessions})
    for accepted in event.data.get("agreements", []):
        document, version = accepted.split(" ")
        details.append(f"{agreements.title(document)} {version}")
    for name, sentence in (("tags_added", _("Added: %(tags)s")), ("tags_removed", _("Removed: %(tags)s"))):
        if event.data.get(name):
            details.append(sentence % {"tags": ", ".join(event.data[name])})
    if event.data.get("somebody_elses_account"):
        details.append(_("Agreed to pay into an account that belongs to someone else."))
    title = _capital(event.get_kind_display())
    if step := event.data.get("step"):
        title = f"{title}: {titles.get(step, step)}"
    if evidence_kind := event.data.get("evidence"):
        title = f"{title}: {EvidenceKind(evidence_kind).label}"
    if document_kind := event.data.get("kind"):
        known = {*Document.Kind.choices, *Document.Certificate.choices}
        title = f"{title}: {dict(known).get(document_kind, document_kind)}"
    if sections := event.data.get("sections"):
        title = f"{title}: {', '.join(str(titles.get(section, section)) for section in sections)}"
    who = _("the vendor") if event.by_id == vendor.user_id else _who(event.by, event.via)
    return Entry(event.at, title, details=details, who=who, is_step=event.kind == VendorEvent.Kind.STEP_SAVED)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def of_invitations(
    rows: Sequence[Invitation], *, worker_is_dead: bool, via: Mapping[str, str] | None = None
) -> Iterator[Entry]:
    """All of a person's, newest first: each says what it changes about the one before."""
    for row, before in zip_longest(rows, rows[1:]):
        changes = wording.for_vm(before, address=row.address) if before else []
        yield Entry(
            row.queued_at,
            _("Invitation to %(address)s (%(why)s)") % {"address": row.address, "why": ours(row.get_why_display())},
            tag=row.state,
            tag_label=row.get_state_display(),
            # Where the link before leads today is of no interest once another invitation has come.
            details=[*changes[: None if row.is_open else 1], *invitation_says(row, worker_is_dead=worker_is_dead)],
            who=_who(row.by, (via or {}).get(str(row.pk), "")),
        )


def of_change(change: EmailChange, *, via: str = "") -> Entry:
    if change.mode == EmailChange.Mode.DUPLICATE:
        title = _("%(old)s freed, because the vendor is a duplicate")
    elif change.mode == EmailChange.Mode.REPAIR:
        title = _("Sign-in with %(new)s repaired")
    else:
        title = _("Primary email changed from %(old)s to %(new)s (%(mode)s)")
    details = [change.reason] if change.reason else []
    if change.how_known:
        details.append(_("How we know it is them: %(how)s") % {"how": ours(change.get_how_known_display())})
    if change.disputed_at:
        details.append(_("Someone at the old address said “This was not me”."))
    return Entry(
        change.created_at,
        title % {"old": change.old, "new": change.new, "mode": ours(change.get_mode_display())},
        tag="planned" if change.state == EmailChange.State.OPEN else change.state,
        tag_label=change.get_state_display(),
        details=details,
        who=_who(change.by, via),
    )


def of_notice(notice: VendorNotice) -> Entry:
    return Entry(
        notice.created_at,
        _("Email to %(address)s: %(subject)s") % {"address": notice.address, "subject": notice.content["subject"]},
        tag="good" if notice.sent_at else "info",
        tag_label=_("sent") if notice.sent_at else _("waiting to be sent"),
        who=_who(notice.by, ""),
        text=notice.content["text"],
    )


def of_failure(failure: Failure) -> Entry:
    reason = reasons.get(failure.reason)
    details = [str(reason.vm_text)]
    if failure.is_typed:
        details.append(_("%(address)s: typed, not proven.") % {"address": failure.address})
    if failure.count > 1:
        details.append(
            _("%(count)s times since %(time)s.") % {"count": failure.count, "time": shown(failure.first_seen_at)}
        )
    if failure.resolved_how:
        details.append(_("Resolved: %(how)s") % {"how": failure.resolved_how})
    return Entry(
        failure.last_seen_at,
        _("Case %(reference)s (%(stage)s)")
        % {"reference": failure.reference, "stage": ours(failure.get_stage_display())},
        tag=failure.state,
        tag_label=failure.get_state_display(),
        details=details,
        failure=failure,
    )


def of_attempt(attempt: SignInAttempt) -> Entry:
    tags = {
        SignInAttempt.Outcome.SUCCEEDED: "good",
        SignInAttempt.Outcome.FAILED: "error",
        SignInAttempt.Outcome.SILENT: "warning",
    }
    return Entry(
        attempt.started_at,
        _("A program, such as a mail scanner, pressed “Sign in”") if attempt.by_program else _("Pressed “Sign in”"),
        tag=tags.get(SignInAttempt.Outcome(attempt.outcome), "info"),
        tag_label=attempt.get_outcome_display(),
        details=[str(reasons.get(attempt.failure.reason).vm_text)] if attempt.failure else [],
    )


def of_note(note: Note) -> Entry:
    return Entry(note.at, _("Note"), who=_who(note.by, ""), note=note)


def of_logged(logged: LoggedSignIn) -> Entry:
    reason = reasons.get(reasons.BY_AADSTS.get(logged.code, "microsoft_refused"))
    return Entry(
        logged.at,
        _("Failed on Microsoft's page, according to Entra's log: code %(code)s") % {"code": logged.code},
        tag="error",
        tag_label=_("failed"),
        details=[str(reason.vm_text)],
    )


def of_email(email: SentEmail) -> Entry:
    content = email.content or {}
    return Entry(
        email.sent_at,
        _("Email to %(address)s: %(subject)s") % {"address": email.address, "subject": content.get("subject", "")},
        tag="error" if email.bounced_at else "",
        tag_label=_("did not arrive") if email.bounced_at else "",
        details=[_("Template: %(name)s") % {"name": email.template}],
        text=content.get("text", ""),
    )


def of_written(event: VendorEvent, email: SentEmail | None) -> Entry:
    """`email` is what went out, while that is kept."""
    who = _who(event.by, event.via)
    if email is None or not email.content:
        return Entry(event.at, _("Email from Vendor Management: %(subject)s") % {"subject": event.reason}, who=who)
    return Entry(
        event.at,
        _("Email to %(address)s: %(subject)s") % {"address": email.address, "subject": email.content["subject"]},
        tag="error" if email.bounced_at else "good",
        tag_label=_("did not arrive") if email.bounced_at else _("sent"),
        who=who,
        text=email.content["text"],
    )


def of_document(document: Document) -> Entry:
    title = _("Document uploaded: %(title)s") % {"title": ours(document.title)}
    replaced = document.replaced_at
    return Entry(
        document.uploaded_at,
        title,
        tag="good" if document.state == Document.State.VERIFIED else "error" if document.is_refused else "info",
        tag_label=document.get_state_display(),
        details=[_("Replaced on %(day)s.") % {"day": shown(replaced)}] if replaced else [],
        who=_("the vendor"),
    )


def of_field_change(change: Change, vendor: Vendor) -> Entry:
    """Before and after of each field."""
    lines = [
        _("%(field)s: %(before)s → %(after)s") % {"field": name, "before": before or "–", "after": after or "–"}
        for name, before, after in change.lines
    ]
    title = lines[0] if len(lines) == 1 else _("%(count)s fields changed") % {"count": len(lines)}
    who = _("the vendor") if change.by_id == vendor.user_id else change.by or change.via
    return Entry(change.at, title, who=who, details=[] if len(lines) == 1 else lines)


def folded_steps(steps: Sequence[Entry]) -> Entry:
    """Steps of the wizard saved one after the other, as one entry."""
    title = ngettext("%(count)s step of the wizard saved", "%(count)s steps of the wizard saved", len(steps))
    return Entry(steps[0].at, title % {"count": len(steps)}, who=steps[0].who, parts=list(steps))
