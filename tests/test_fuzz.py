"""Answers files of every wrong kind: a sentence each, soon, in little memory, never a fault.

``DECISION_AID_FULL=1`` tries 100,000 of them, which takes about a quarter of an hour.
"""

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from decision_aid.content.load import load
from tests.reader import Reader
from tests.strategies import raw_answers

FULL = bool(os.environ.get("DECISION_AID_FULL"))
ROUNDS, INPUTS = (50, 2_000) if FULL else (1, 600)
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


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, cut out or put twice."""
    data = bytearray(draw(valid))
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 8))):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(3)
        if what == 0:
            data[at : at + 1] = chance.randbytes(1)
        elif what == 1:
            del data[at : at + chance.randrange(1, 40)]
        else:
            data[at:at] = data[at : at + chance.randrange(1, 40)]
    return bytes(data)


def _fuzz(reader: Reader, count: int) -> None:
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary() | st.text().map(str.encode) | shaped | valid | damaged() | huge)
    def run(data: bytes) -> None:
        reader.read(data)

    run()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read in /proc")
def test_no_answers_file_is_a_fault_slow_or_large() -> None:
    """Random, damaged, deep, long and numerous: each is read or refused in a sentence."""
    with Reader() as reader:
        for number in range(1, ROUNDS + 1):
            _fuzz(reader, INPUTS)
            print(number, reader.seen, flush=True)
        seen = reader.seen

    assert seen.unsound == []
    assert seen.slowest < SECONDS
    assert seen.megabytes < MEGABYTES
    assert seen.read + seen.refused >= ROUNDS * INPUTS
    assert seen.read > ROUNDS * INPUTS / 20
    assert seen.refused > ROUNDS * INPUTS / 5
