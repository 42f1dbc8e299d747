"""Answers files of every wrong kind: a sentence each, soon, in little memory, never a fault.

Hypothesis makes some of every kind; the others are those, cut up and mixed with each other.
``DECISION_AID_FULL=1`` tries 100,000, which takes about ten minutes.
"""

import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from decision_aid.content.loader import load
from tests.reader import Reader
from tests.strategies import raw_answers

FULL = bool(os.environ.get("DECISION_AID_FULL"))
MADE, MIXED = (4_000, 96_000) if FULL else (400, 2_000)
SECONDS, MEGABYTES = 1.0, 300
AID = load()
IDS = list(AID.questions)
WORDS = st.sampled_from([*IDS, *(o.id for q in AID.questions.values() for o in q.options)])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | WORDS, inner),
    max_leaves=20,
)
#: Right in shape and wrong in every answer.
shaped = st.dictionaries(WORDS | st.text(), json_values, max_size=30).map(
    lambda answers: json.dumps({"answers": answers}).encode()
)
valid = raw_answers(AID).map(lambda answers: json.dumps({"answers": answers}).encode())
#: What a hostile file does with sizes.
huge = st.builds(
    lambda form, size: form(size),
    st.sampled_from(
        [
            lambda n: b"[" * n,
            lambda n: b'{"answers":' * n,
            lambda n: b'{"answers": {"leg_pain": ' + b"[" * n + b"]" * n + b"}}",
            lambda n: b'{"answers": {"goal": ' + b'{"a":' * n + b"1" + b"}" * n + b"}}",
            lambda n: b'{"answers": {"leg_pain": ' + b"9" * n + b"}}",
            lambda n: b'{"answers": {"height_cm": 1e' + b"9" * (n % 9) + b"}}",
            lambda n: b'{"answers": {"goal": "' + b"\xcc\x88" * n + b'"}}',
            lambda n: json.dumps({"answers": {"goal": "\u202e a" * n}}).encode(),
            lambda n: json.dumps({"answers": {"condition": ["spinal_stenosis"] * n}}).encode(),
            lambda n: json.dumps({"answers": {f"leg_pai{i}": 1 for i in range(n)}}).encode(),
            lambda n: json.dumps({"answers": {"leg_pain" * n: 1}}).encode(),
            lambda n: json.dumps({"answers": {"condition": "spinal_sten" * n}}).encode(),
        ]
    ),
    st.integers(1, 60_000),
)


#: What a file is cut up and put together with, beside its own bytes.
PIECES = [
    *(piece.encode() for piece in IDS),
    *(b'"', b"[", b"]", b"{", b"}", b",", b":", b"null", b"-0", b"1e999", b"NaN", b"true", b'""'),
    *(b"\\u0000", b"\\ud800", b"\\u202e", b"\xff", b"\xef\xbb\xbf", b"\x00", b"9" * 400, b" " * 99),
]


#: Values that no question expects, or only some do.
ODD = (
    *(None, True, -1, 0, 3, 10**30, 1.5, 1e308, "", " ", "unknown", "none", "\u202ex", "\x00"),
    *(
        "<script>",
        "{{7*7}}",
        "a" * 2_000,
        "e" + "\u0301" * 50,
        [],
        ["none"],
        [["none"]],
        {},
        [None],
    ),
)


def damaged(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A file with some bytes changed, cut out, put twice, or exchanged with those of others."""
    made = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        at, size = chance.randrange(len(made) + 1), chance.randrange(1, 40)
        other = chance.choice(others)
        from_other = chance.randrange(len(other) + 1)
        pieces = (chance.randbytes(1), b"", made[at : at + size] * 2, chance.choice(PIECES))
        made[at : at + chance.choice((0, 1, size))] = chance.choice(
            (*pieces, other[from_other : from_other + 4 * size])
        )
    return bytes(made)


def reworded(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A file with answers of others, now and then to another question, or odd."""
    made = json.loads(data)["answers"]
    for _ in range(chance.randrange(1, 9)):
        theirs = list(json.loads(chance.choice(others))["answers"].items()) or [("goal", "")]
        question, answer = chance.choice(theirs)
        made[question] = answer
        if chance.random() < 0.1:
            made[chance.choice(IDS)] = chance.choice((answer, chance.choice(ODD)))
    return json.dumps({"answers": made}).encode()


def _made(reader: Reader) -> list[bytes]:
    """Have files read that Hypothesis makes; those that were not refused."""
    kept: list[bytes] = []

    @settings(
        max_examples=MADE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary() | st.text().map(str.encode) | shaped | valid | huge)
    def run(data: bytes) -> None:
        before = reader.seen.read
        reader.read(data)
        if reader.seen.read > before:
            kept.append(data)

    run()
    return kept


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read in /proc")
def test_no_answers_file_is_a_fault_slow_or_large() -> None:
    """Random, damaged, deep, long and numerous: each is read or refused in a sentence."""
    with Reader() as reader:
        seeds = _made(reader)
        chance = random.Random(len(seeds))
        for number in range(MIXED):
            how = damaged if number % 2 else reworded
            reader.read(how(chance.choice(seeds), seeds, chance))
            if number % 4_000 == 0:
                print(number, reader.seen, flush=True)
        seen = reader.seen
        print(seen)

    assert seen.unsound == []
    assert seen.slowest < SECONDS
    assert seen.megabytes < MEGABYTES
    assert seen.read + seen.refused >= MADE + MIXED
    assert seen.read > (MADE + MIXED) / 50
    assert seen.refused > (MADE + MIXED) / 5
