"""The shipped symptoms: every row of the table, which text shows which, and what overrides what."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.symptoms.rows import ROWS
from wayout.engine.advise.workshop import check_rules, shipped_knowledge
from wayout.engine.bilingual import Text
from wayout.engine.symptoms import SymptomBook
from wayout.engine.symptoms.model import Examples, Symptom
from wayout.engine.symptoms.text import LONGEST, prepare

BOOK = shipped_knowledge().symptoms
TEXTS = [
    pytest.param(number, text, id=f"{number:02}-{index}")
    for number, row in ROWS.items()
    for index, text in enumerate(row.texts)
]
HAN = re.compile("[\u4e00-\u9fff]")


def shown(text: str) -> dict[str, str]:
    """The ids of the symptoms a text shows, and how they were recognised."""
    return {match.symptom.id: match.by for match in BOOK.matches(prepare(text))}


def test_the_table_is_whole() -> None:
    assert set(ROWS) == set(range(1, 57))
    assert {f"SYM-{number:02}" for number in ROWS} <= set(BOOK)


@pytest.mark.parametrize(("number", "text"), TEXTS)
def test_a_text_shows_its_row(number: int, text: str) -> None:
    found = shown(text)
    assert f"SYM-{number:02}" in found
    if not HAN.search(text):
        assert found[f"SYM-{number:02}"] == "text"


@pytest.mark.parametrize("number", ROWS)
def test_a_row_blames_and_clears_the_right_gates(number: int) -> None:
    row, symptom = ROWS[number], BOOK[f"SYM-{number:02}"]
    assert next(iter(symptom.implicates), "") == row.first
    cleared = symptom.proves(prepare(row.texts[0]))
    assert set(row.passed) <= set(cleared)
    assert not set(row.open) & set(cleared)
    assert symptom.decides in (row.decides, "lookup-failed", "lookup-interrupted")


def test_private_destinations_have_their_own_order() -> None:
    timeout = BOOK["SYM-05"]
    assert timeout.suspects(is_internet=True)[:2] == ("internet-exit", "route")
    assert timeout.suspects(is_internet=False)[:2] == ("destination-access", "security-group")


def test_the_node_asks_for_images_and_volumes() -> None:
    for name in ("SYM-38", "SYM-39", "SYM-40", "SYM-41"):
        assert BOOK[name].bypasses == ("policy",)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        (ROWS[3].texts[0], "SYM-03"),
        (ROWS[4].texts[0], "SYM-04"),
        (";; connection timed out; no servers could be reached", "SYM-02"),
        (ROWS[16].texts[0], "SYM-16"),
        (ROWS[18].texts[0], "SYM-18"),
        (ROWS[26].texts[1], "SYM-26"),
        (ROWS[35].texts[0], "SYM-35"),
        (ROWS[38].texts[1], "SYM-38"),
        (ROWS[40].texts[0], "SYM-40"),
        (ROWS[42].texts[0], "SYM-42"),
        (ROWS[55].texts[0], "SYM-55"),
        ("<Code>AccessDenied</Code>Access denied by bucket policy.", "SYM-57"),
        ("<Code>AccessDenied</Code>Access denied by VPC endpoint policy.", "SYM-58"),
    ],
)
def test_the_specific_overrides_the_general(text: str, only: str) -> None:
    assert list(shown(text)) == [only]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("ERROR 1045 (28000): Access denied for user 'u'@'10.20.16.31'", {"SYM-19"}),
        ("ERROR 1045 (HY000): #28000ip not in whitelist", {"SYM-18"}),
        ("HTTP/1.1 200 OK", set()),
        ("the order 502 was refused by the customer", set()),
        ("We time out sometimes in our own code", set()),
        ("", set()),
    ],
)
def test_look_alikes(text: str, reads: set[str]) -> None:
    assert set(shown(text)) == reads


def test_what_a_person_writes_does_not_silence_what_a_program_printed() -> None:
    found = shown("NAS 挂载失败: dial tcp 10.30.0.9:2049: i/o timeout")
    assert found == {"SYM-05": "text", "SYM-40": "phrase"}


lines = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60)


@given(st.sampled_from(TEXTS), lines, lines, st.sampled_from([" ", "\n", "\t\t", " \r\n  "]))
def test_case_blanks_and_neighbours_do_not_matter(
    param: object, before: str, after: str, blank: str
) -> None:
    number, text = param.values  # type: ignore[attr-defined]
    symptom = BOOK[f"SYM-{number:02}"]
    moved = f"{before}\n{blank.join(text.upper().split(' '))}\n{after}"
    assert symptom.found_in(prepare(moved)) is not None


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    for match in BOOK.matches(prepare(text)):
        assert match.words


def test_of_a_long_text_both_ends_are_read() -> None:
    filler = "x" * 50_000
    assert set(shown(f"connection refused {filler} too many connections")) == {"SYM-06", "SYM-22"}
    assert shown(f"{filler} connection refused {filler}") == {}
    assert len(prepare(filler).line) <= LONGEST + 3


def test_typographic_signs_are_read_as_plain_ones() -> None:
    assert "SYM-15" in shown("ERROR 2003: Can’t connect to MySQL server on ‘10.30.0.8’ （110）")


def made(name: str, phrase: str = "", **more: object) -> Symptom:
    text = Text(en="Text.", zh="文字。")
    return Symptom(
        id=name,
        title=text,
        means=text,
        next=text,
        phrases=(phrase,) if phrase else (),
        sources=("GK",),
        examples=Examples(match=("a",), near=("b",)),
        **more,  # type: ignore[arg-type]
    )


def test_a_gap_in_a_phrase_is_short() -> None:
    book = SymptomBook([made("SYM-01", "能 ping 通…telnet 不通")])
    assert book.matches(prepare("能ping通，但是 TELNET 不通"))
    assert not book.matches(prepare("能ping通。" + "其他的话" * 10 + "telnet 不通"))


def test_the_stored_form_is_the_same() -> None:
    again = SymptomBook(stored=BOOK.stored_form())
    assert again == BOOK
    assert b"\n" not in BOOK.stored_form()


def test_a_spoiled_stored_form_is_read_again() -> None:
    spoiled = SymptomBook(stored=b"{not json", again=lambda: BOOK.values())
    assert spoiled == BOOK
    with pytest.raises(ValueError, match="JSON"):
        len(SymptomBook(stored=b"{not json"))


def test_the_examples_of_the_shipped_symptoms_hold() -> None:
    checked = check_rules(shipped_knowledge().root / "symptoms.yaml")
    assert (checked.faults, checked.problems, checked.rules) == ((), (), 0)
    assert checked.symptoms == len(BOOK) >= 56


def test_each_entry_shows_how_people_put_it_where_they_do() -> None:
    """Rows that only people's words can show have Chinese and English ones."""
    for symptom in BOOK.values():
        if not symptom.patterns:
            assert any(HAN.search(phrase) for phrase in symptom.phrases), symptom.id
            assert any(not HAN.search(phrase) for phrase in symptom.phrases), symptom.id
