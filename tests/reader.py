"""A process that reads answers files as the command line does, and says what became of them.

It is a process of its own so that its memory is measured, and not that of what makes the files.
"""

import json
import multiprocessing
import re
import time
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from decision_aid.answers import AnswerError, loads
from decision_aid.cli.content import explanation
from decision_aid.content.loader import load
from decision_aid.interop import fhir, plain_text
from decision_aid.model import Aid
from decision_aid.summary import build

MADE_ON = datetime(2026, 5, 12, 9, 40)


@dataclass
class Seen:
    """What became of the inputs; ``slowest`` in seconds of work, ``megabytes`` at the most."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    megabytes: int = 0
    unsound: list[str] = field(default_factory=list)


def use(aid: Aid, data: bytes, seen: Seen) -> None:
    """Explain a file, write it as text and as FHIR; or refuse it in one sentence."""
    began = time.process_time()
    try:
        answers = loads(aid, data)
    except AnswerError as refusal:
        seen.refused += 1
        sentence = str(refusal)
        if not sentence.endswith(".") or len(sentence) > 20_000:
            seen.unsound.append(sentence[:200])
    else:
        seen.read += 1
        json.dumps(explanation(aid, answers))
        summary = build(aid, answers, made_on=MADE_ON)
        plain_text.page(summary)
        json.dumps(fhir.response(aid, summary.answers))
    seen.slowest = max(seen.slowest, time.process_time() - began)


def _peak() -> int:
    """Megabytes that this process has had at the most.

    Not ``ru_maxrss``: Linux hands that of the process that started this one down.
    """
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) // 1024


def _serve(pipe: Connection) -> None:
    aid, seen = load(), Seen()
    while (data := pipe.recv_bytes()) != b"":
        try:
            use(aid, data[1:], seen)
        except Exception as fault:
            seen.unsound.append(f"{type(fault).__name__}: {fault} for {data[1:200]!r}")
        seen.megabytes = _peak()
        pipe.send(seen)


class Reader:
    """The process, for the length of a ``with``; ``seen`` adds up."""

    def __enter__(self) -> "Reader":
        processes = multiprocessing.get_context("spawn")
        self.seen = Seen()
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()
        return self

    def read(self, data: bytes) -> None:
        """Have one file read. Raises ``EOFError`` if the process has died of it."""
        self._pipe.send_bytes(b"." + data)
        self.seen = self._pipe.recv()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._pipe.send_bytes(b"")
        self._process.join(10)
        self._pipe.close()
