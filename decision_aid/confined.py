"""A function called in a process of its own, with a limit on its memory and its time.

For files that come from elsewhere: what unpacks to gigabytes, or never ends, ends in a sentence.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

#: What comes back of a file is small; no more is taken.
_MOST_BYTES = 20_000_000
#: Seconds to start the process on a machine with much to do.
_START = 20


class Exceeded(Exception):  # noqa: N818 - a state of the file, not a mistake
    """The function took more memory or time than it may."""


class Refused(Exception):  # noqa: N818 - passed on as the caller's own error
    """The sentence of a ValueError that the function raised."""


def call(function: Callable[..., object], *words: object, seconds: int, memory: int) -> Any:
    """What ``function(*words)`` gives, a value of JSON. Raises Exceeded or Refused.

    ``seconds`` of work at most, ``memory`` in bytes (on Linux).
    """
    processes = get_context("spawn")
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=_run, args=(theirs, function, words, seconds, memory))
    process.daemon = True
    process.start()
    theirs.close()
    try:
        if not ours.poll(_START + seconds):
            raise Exceeded
        kind, value = json.loads(ours.recv_bytes(_MOST_BYTES))
    except (EOFError, OSError):
        raise Exceeded from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if kind == "refused":
        raise Refused(value)
    return value


def _run(
    pipe: Connection,
    function: Callable[..., object],
    words: tuple[object, ...],
    seconds: int,
    memory: int,
) -> None:
    _limit(seconds, memory)
    try:
        answer = ["value", function(*words)]
    except (MemoryError, RecursionError):
        os._exit(1)
    except ValueError as error:
        answer = ["refused", str(error)]
    pipe.send_bytes(json.dumps(answer).encode())
    pipe.close()


def _limit(seconds: int, memory: int) -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        used = resource.getrusage(resource.RUSAGE_SELF)
        end = int(used.ru_utime + used.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (end, end))
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
