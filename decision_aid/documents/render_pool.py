"""Documents are drawn in processes of their own: a crash costs a retry, never the web page."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from pathlib import Path

from decision_aid.documents import renderer
from decision_aid.documents.renderer import PdfUnavailable, RenderedPdf, RenderJob

#: Seconds that a document may take, waiting in line included.
BUDGET = 20.0
#: The workers are replaced after this many documents, before their small native leak matters.
_DOCUMENTS = 100
#: How many draw at most; the second is started when it is needed.
PROCESSES = 2
#: How far they stand back behind the processes that serve pages.
_NICE = 10
#: Papers being made or waiting in one process. Fewer than its threads (8), so that pages are
#: served while papers are made.
LINE = 6
#: Bytes that one worker may take (Linux). A paper takes about a tenth.
MEMORY = 1 << 30

_TOO_LONG = "The PDF took too long; please try again in a minute."
_TOO_MANY = "Several PDFs are being made just now; please try again in a minute."
_line = threading.BoundedSemaphore(LINE)
_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_owner = 0
_drawn = 0


class PdfBusy(PdfUnavailable):
    """Too many documents at once, or one that takes too long: try again in a moment."""


@contextmanager
def admit() -> Iterator[None]:
    """A place in this process's line for a whole paper. Raises PdfBusy when there is none."""
    if not _line.acquire(blocking=False):
        raise PdfBusy(_TOO_MANY)
    try:
        yield
    finally:
        _line.release()


def render(job: RenderJob, *, budget: float | None = None, memory: int = MEMORY) -> RenderedPdf:
    """Draw one document in the worker. Raises PdfBusy or PdfUnavailable."""
    budget = BUDGET if budget is None else budget
    try:
        return _once(job, budget, memory)
    except BrokenExecutor:
        return _retry(job, budget, memory)


def warm_up() -> None:
    """Start the worker and let it import WeasyPrint, without waiting for it."""
    _submit(RenderJob(html="<html lang=en><title>.</title>"), BUDGET, MEMORY)


def _retry(job: RenderJob, budget: float, memory: int) -> RenderedPdf:
    try:
        return _once(job, budget, memory)
    except BrokenExecutor:
        raise PdfUnavailable(
            "The program that makes the PDF stopped twice on this document."
        ) from None


def _once(job: RenderJob, budget: float, memory: int) -> RenderedPdf:
    began = time.monotonic()
    future = _submit(job, budget, memory)
    try:
        return future.result(timeout=budget)
    except TimeoutError:
        future.cancel()
        raise PdfBusy(_TOO_LONG) from None
    except BrokenExecutor:
        if time.monotonic() - began > 0.9 * budget:
            raise PdfBusy(_TOO_LONG) from None
        raise


def _submit(job: RenderJob, budget: float, memory: int) -> Future[RenderedPdf]:
    """Into the pool; one that is broken, used up or of a parent process is replaced."""
    global _pool, _owner, _drawn
    with _lock:
        for _ in range(2):
            try:
                if _pool is None or _owner != os.getpid():
                    _pool = ProcessPoolExecutor(
                        max_workers=PROCESSES, mp_context=get_context("spawn"), initializer=_begin
                    )
                    _owner, _drawn = os.getpid(), 0
                pool = _pool
                future = pool.submit(_in_worker, job, budget, memory)
            except (BrokenExecutor, OSError):
                # OSError: a process cannot be started, or was killed while it was.
                _pool = None
                continue
            _drawn += 1
            if _drawn >= _DOCUMENTS:
                # Not max_tasks_per_child: with it Python 3.11 can wait for ever for a new worker.
                _pool = None
                pool.shutdown(wait=False)
            return future
    raise PdfUnavailable("The program that makes the PDF could not be started.")


def _begin() -> None:
    """Pages go first when processors are short; nothing stays behind a dead web process."""
    with suppress(AttributeError, OSError):
        os.nice(_NICE)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _in_worker(job: RenderJob, budget: float, memory: int) -> RenderedPdf:
    # A document that never ends must not hold up the next ones: the process ends itself.
    guard = threading.Timer(budget, os._exit, (1,))
    guard.daemon = True
    guard.start()
    _limit(memory)
    try:
        return renderer.render(job)
    except MemoryError:
        # What native libraries are left with is not to be trusted: the next one starts afresh.
        os._exit(1)
    finally:
        guard.cancel()


def _limit(memory: int) -> None:
    """At most so many bytes; and when the machine runs short, this process goes first."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))
