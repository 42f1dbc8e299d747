"""Papers made while the patient still reads the check page, so that the button answers at once.

Made only for somebody who stands before the button, kept for a few minutes in this process's
memory under a key that only the patient's token gives, and dropped on clearing.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from decision_aid.clinic_documents import PdfUnavailable
from decision_aid.documents.render_pool import PROCESSES

#: Seconds that a paper is kept; papers of one process at most (some 15 MB), the oldest gives way;
#: and of each kind not yet made, about what is drawn while one reads: beyond it none is made ahead.
_SECONDS, _MOST, _WAITING = 600, 200, 12

Key = tuple[bytes, str, str]


class Prerender:
    """Papers by token, kind and check value. Safe to share between threads."""

    def __init__(self, waiting: int = _WAITING) -> None:
        """``waiting``: so many of each kind wait to be made; 0 makes none ahead."""
        self._waiting = waiting
        self._lock = threading.Lock()
        self._papers: OrderedDict[Key, tuple[float, Future[bytes]]] = OrderedDict()
        #: One for each kind: a short paper does not wait for the long ones of other patients.
        self._makers: dict[str, ThreadPoolExecutor] = {}

    def prepare(self, token: str, kind: str, check: str, make: Callable[[], bytes]) -> None:
        """Begin to make a paper, unless it is there. ``check`` changes with any answer."""
        key = _key(token, kind, check)
        with self._lock:
            self._drop_old()
            waiting = sum(
                other[1] == kind and not future.done()
                for other, (_, future) in self._papers.items()
            )
            if key not in self._papers and waiting < self._waiting:
                if len(self._papers) >= _MOST:
                    self._papers.popitem(last=False)[1][1].cancel()
                self._papers[key] = time.monotonic(), self._maker(kind).submit(make)

    def take(self, token: str, kind: str, check: str) -> bytes | None:
        """The paper, if it was begun and could be made; waits for one that is being made.

        One that still waits in line is taken out of it: whoever asks makes it at once.
        """
        key = _key(token, kind, check)
        with self._lock:
            self._drop_old()
            found = self._papers.get(key)
            if found and found[1].cancel():
                del self._papers[key]
                return None
        try:
            return found[1].result() if found else None
        except PdfUnavailable:
            self.forget(token)
            return None

    def forget(self, token: str) -> None:
        """Drop everything that was made for this person."""
        owner = _key(token, "", "")[0]
        with self._lock:
            for key in [key for key in self._papers if key[0] == owner]:
                self._papers.pop(key)[1].cancel()

    def close(self) -> None:
        """Make nothing more; wait for the paper that is being made."""
        for maker in self._makers.values():
            maker.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        """How many papers are kept or being made."""
        with self._lock:
            self._drop_old()
            return len(self._papers)

    def _maker(self, kind: str) -> ThreadPoolExecutor:
        if kind not in self._makers:
            self._makers[kind] = ThreadPoolExecutor(
                max_workers=PROCESSES, thread_name_prefix="paper"
            )
        return self._makers[kind]

    def _drop_old(self) -> None:
        end = time.monotonic() - _SECONDS
        while self._papers and next(iter(self._papers.values()))[0] < end:
            self._papers.popitem(last=False)[1][1].cancel()


def _key(token: str, kind: str, check: str) -> Key:
    return hashlib.sha256(token.encode()).digest(), kind, check
