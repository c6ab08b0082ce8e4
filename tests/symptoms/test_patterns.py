"""The language of patterns: what it takes, what it refuses, and that nothing in it runs away."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wayout.engine.advise.workshop import shipped_knowledge
from wayout.engine.symptoms.checks import patterns_of
from wayout.engine.symptoms.patterns import MOST_WAYS, Measure, measure, problem_with

REFUSED = {
    "star": (r"connect.*refused", "uses '*'"),
    "plus": (r"refused +now", "uses '+'"),
    "open repetition": (r"refused {2,}now", "uses '{'"),
    "nested repetition": (r"(?:a{1,9}){1,9}xyz", "repeats a group that can itself match"),
    "repeated alternatives": (r"(?:a|aa){1,9}xyz", "repeats a group that can itself match"),
    "repetition of a repetition": (r"abc{2}{3}", "repeats a repetition"),
    "possessive": (r"abc{1,3}+", "repeats a repetition"),
    "lazy": (r"abc{1,3}?", "repeats a repetition"),
    "capturing group": (r"abc(d)", "uses '('"),
    "look ahead": (r"abc(?=d)", "uses '('"),
    "named group": (r"abc(?P<x>d)", "uses '('"),
    "back reference": (r"abc\1", r"uses '\\1', which is not allowed"),
    "anchor": (r"^abc", "uses '^'"),
    "wide": (r"abc.{0,201}d", "repeats a part 0 to 201 times"),
    "backwards": (r"abc.{5,2}d", "repeats a part 5 to 2 times"),
    "many ways": (r"a[^;]{0,90}b[^;]{0,90}c", "can be tried in 8281 ways"),
    "short": (r"ab", "may match less than 3 characters"),
    "empty": (r"(?:abc)?", "may match less than 3 characters"),
    "open class": (r"abc[de", "opens a class that it does not close"),
    "open group": (r"abc(?:de", "opens a group that it does not close"),
    "closed too often": (r"abc)", "closes a group that it did not open"),
    "bad escape": (r"abc\z", r"uses '\\z', which is not allowed"),
    "trailing backslash": ("abc\\", "which is not allowed"),
    "bad range": (r"abc[z-a]", "is no regular expression"),
}
TAKEN = {
    r"connection refused": Measure(1, 18),
    r"\benotfound\b": Measure(1, 9),
    r"error 2003 \((?:110|10060)\)": Measure(2, 16),
    r"lookup [^ ]{1,120} on x": Measure(1, 13),  # it can only end at the first blank
    r"lookup [^ ]{1,120}: on": Measure(120, 12),
    r"abc(?:de|f)?": Measure(3, 3),
    r"white ?list": Measure(2, 9),
    r"\d{1,3}\.\d{1,3}": Measure(9, 3),
    r"[\]x]abc": Measure(1, 4),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_run_away_is_refused(name: str) -> None:
    pattern, reason = REFUSED[name]
    assert reason in problem_with(pattern)


@pytest.mark.parametrize("pattern", TAKEN)
def test_ways_and_length_are_counted(pattern: str) -> None:
    assert (problem_with(pattern), measure(pattern)) == ("", TAKEN[pattern])


pieces = st.sampled_from(["a", "b", "ab", "[ab]", "[^b]", r"\w", "."])
quantified = st.tuples(pieces, st.sampled_from(["", "?", "{2}", "{0,3}", "{1,4}"])).map(
    lambda pair: pair[0][-1] + pair[1] if len(pair[0]) == 2 and pair[0] == "ab" else "".join(pair)
)
sequences = st.lists(quantified, min_size=1, max_size=4).map("".join)
groups = st.lists(sequences, min_size=1, max_size=3).map(lambda s: f"(?:{'|'.join(s)})")
patterns = st.lists(st.one_of(sequences, groups), min_size=1, max_size=3).map("".join)


def ways_by_hand(pattern: str, text: str) -> set[int]:
    """Where a match that starts at 0 may end, by asking `re` for each end."""
    return {end for end in range(len(text) + 1) if re.fullmatch(pattern, text[:end])}


@settings(max_examples=200)
@given(patterns, st.text("ab", max_size=12))
def test_a_measure_is_a_bound(pattern: str, text: str) -> None:
    """There are at most as many ends as ways, and none before the shortest match."""
    found = measure(pattern)
    ends = ways_by_hand(pattern, text)
    assert len(ends) <= found.ways
    assert all(end >= found.least for end in ends)


@settings(max_examples=200)
@given(st.text("ab()[]{}|?*+\\^$.:,19 ", max_size=16))
def test_any_text_is_measured_or_refused(pattern: str) -> None:
    """What is taken compiles; the rest gets a sentence."""
    problem = problem_with(pattern)
    if problem:
        assert problem.endswith((".", ")."))
    else:
        re.compile(pattern)
        assert measure(pattern).ways <= MOST_WAYS


def test_every_shipped_pattern_is_bounded() -> None:
    for symptom in shipped_knowledge().symptoms.values():
        for place, pattern in patterns_of(symptom):
            assert measure(pattern).ways <= MOST_WAYS, (symptom.id, place)


ADVERSARY = """
import re, sys
from wayout.engine.advise.workshop import shipped_knowledge
from wayout.engine.symptoms.extract import mentions_of
from wayout.engine.symptoms.text import Prepared, prepare

book = shipped_knowledge().symptoms
seeds = [" ", "a", "1.", "1.1.1.1:", "::", "'", "((((", "…", "不", "dial tcp ",
         "error 2003 (hy000)", "lookup x on ", "connection to ", "mount", "host=",
         "failed to connect to ", "@'1.1.1.1"]
for symptom in book.values():
    seeds += [text[:60] for text in symptom.examples.match]
for seed in seeds:
    text = (seed * (20_000 // len(seed) + 1))[:20_000]
    book.matches(prepare(text))
    mentions_of(prepare(text))
for seed in seeds[:12]:  # and uncut, whatever `prepare` does
    text = (seed * (20_000 // len(seed) + 1))[:20_000]
    for symptom in book.values():
        symptom.found_in(Prepared(text, text))
print(len(seeds))
"""


def test_hostile_texts_end() -> None:
    """Every pattern on 20,000 characters made of the beginnings it knows: seconds, not ages."""
    done = subprocess.run(
        [sys.executable, "-c", ADVERSARY], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
