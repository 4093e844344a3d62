"""Why a file is not taken, in sentences for the person who chose it."""

from __future__ import annotations

from django.utils.translation import gettext as _


class Refused(Exception):
    """The message says which file and why, to the person who chose it."""


class TooMuchAtOnce(Refused):
    """`alone` names the file if there was only one."""

    def __init__(self, alone: str = "", *, megabytes: float = 0) -> None:
        super().__init__(
            _(
                "“%(name)s” is %(size)s MB, so it wasn't saved. Everything you typed has been saved. The file must be "
                "smaller than 10 MB. A scan at 150 dpi is sharp enough, and a PDF is usually smaller than a picture."
            )
            % {"name": alone, "size": f"{megabytes:.1f}"}
            if alone
            else _(
                "The files you chose are more than 12 MB in total, so none of them was saved. Everything you typed "
                "has been saved. Send the files one at a time. A scan at 150 dpi is sharp enough, and a PDF is "
                "usually smaller than a picture."
            )
        )


class NotKept(Refused):
    """The disk, folder or bucket for files can't be used: nothing is wrong with the file."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _(
                "We couldn't save “%(name)s” because of a problem on our side. Everything you typed has been saved. "
                "Choose the file again later."
            )
            % {"name": name}
        )


def unreadable(name: str) -> Refused:
    return Refused(
        _("“%(name)s” can't be read: it may be damaged or incomplete. Open it yourself and save it again.")
        % {"name": name}
    )


def password_protected(name: str) -> Refused:
    return Refused(_("“%(name)s” is protected with a password. Choose a copy without one.") % {"name": name})


def program_inside(name: str) -> Refused:
    """A script, an embedded file, or whatever else is more than a page to read."""
    return Refused(
        _(
            "“%(name)s” contains a program or another file, which we don't accept. Print it to a new PDF and "
            "choose that."
        )
        % {"name": name}
    )


def too_complicated(name: str) -> Refused:
    """Looking into it was given up: it takes too long, or too much memory."""
    return Refused(
        _("“%(name)s” is too complicated for us to check. Print it to a new PDF and choose that.") % {"name": name}
    )


def too_big_unpacked(name: str) -> Refused:
    return Refused(_("“%(name)s” is too big once it is unpacked. Save it as a PDF.") % {"name": name})


def macros_inside(name: str) -> Refused:
    return Refused(
        _("“%(name)s” contains macros, which we don't accept. Save it as a PDF and choose that.") % {"name": name}
    )


def linked_outside(name: str) -> Refused:
    return Refused(
        _(
            "“%(name)s” loads a template, a picture or another file from somewhere else, which we don't accept. "
            "Save it as a PDF and choose that."
        )
        % {"name": name}
    )


def infected(name: str, *, virus: str) -> Refused:
    return Refused(
        _("Our virus scanner found “%(virus)s” in “%(name)s”. Check your computer, then choose a clean copy.")
        % {"name": name, "virus": virus}
    )


def too_many_pixels(name: str, *, width: int, height: int) -> Refused:
    return Refused(
        _("“%(name)s” is a picture of %(width)s × %(height)s pixels, which is too big to open. Send a smaller copy.")
        % {"name": name, "width": width, "height": height}
    )
