"""The same number as different people write it, and with one figure wrong; for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

SEPARATORS = ["", " ", "  ", ".", "-", "/", "\u00a0", "\u2011", "_", ", "]


@st.composite
def spelt(draw: st.DrawFn, numbers: list[str]) -> tuple[str, str]:
    """A spelling, and the number that it spells."""
    number = draw(st.sampled_from(numbers))
    return draw(in_any_spelling(number)), number


@st.composite
def in_any_spelling(draw: st.DrawFn, number: str) -> str:
    signs = [sign.lower() if draw(st.booleans()) else sign for sign in number]
    return draw(st.sampled_from(["", " "])) + "".join(sign + draw(st.sampled_from(SEPARATORS)) for sign in signs)


@st.composite
def one_figure_changed(draw: st.DrawFn, number: str) -> str:
    place = draw(st.sampled_from([place for place, sign in enumerate(number) if sign.isdigit()]))
    figure = draw(st.sampled_from([figure for figure in "0123456789" if figure != number[place]]))
    return number[:place] + figure + number[place + 1 :]
