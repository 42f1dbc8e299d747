"""Documents are drawn in one process of their own: a crash costs a retry, never the web page."""

import os
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import get_context

from decision_aid.paper import engine
from decision_aid.paper.engine import Drawn, Job, PaperUnavailable

#: Seconds that a document may take, waiting in line included.
BUDGET = 20.0
#: The worker is replaced after this many documents, before its small native leak matters.
_DOCUMENTS = 100

_TOO_LONG = "The PDF took too long; please try again in a minute."
_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_owner = 0
_drawn = 0


class PaperBusy(PaperUnavailable):
    """Too many documents at once, or one that takes too long: try again in a moment."""


def draw(job: Job, *, budget: float = BUDGET) -> Drawn:
    """Draw one document in the worker. Raises PaperBusy or PaperUnavailable."""
    try:
        return _once(job, budget)
    except BrokenExecutor:
        return _retry(job, budget)


def warm_up() -> None:
    """Start the worker and let it import WeasyPrint, without waiting for it."""
    _submit(Job(html="<html lang=en><title>.</title>"), BUDGET)


def _retry(job: Job, budget: float) -> Drawn:
    try:
        return _once(job, budget)
    except BrokenExecutor:
        raise PaperUnavailable(
            "The program that makes the PDF stopped twice on this document."
        ) from None


def _once(job: Job, budget: float) -> Drawn:
    began = time.monotonic()
    future = _submit(job, budget)
    try:
        return future.result(timeout=budget)
    except TimeoutError:
        future.cancel()
        raise PaperBusy(_TOO_LONG) from None
    except BrokenExecutor:
        if time.monotonic() - began > 0.9 * budget:
            raise PaperBusy(_TOO_LONG) from None
        raise


def _submit(job: Job, budget: float) -> Future[Drawn]:
    """Into the pool; one that is broken, used up or of a parent process is replaced."""
    global _pool, _owner, _drawn
    with _lock:
        for _ in range(2):
            if _pool is None or _owner != os.getpid():
                _pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
                _owner, _drawn = os.getpid(), 0
            pool = _pool
            try:
                future = pool.submit(_in_worker, job, budget)
            except BrokenExecutor:
                _pool = None
                continue
            _drawn += 1
            if _drawn >= _DOCUMENTS:
                # Not max_tasks_per_child: with it Python 3.11 can wait for ever for a new worker.
                _pool = None
                pool.shutdown(wait=False)
            return future
    raise PaperUnavailable("The program that makes the PDF could not be started.")


def _in_worker(job: Job, budget: float) -> Drawn:
    # A document that never ends must not hold up the next ones: the process ends itself.
    guard = threading.Timer(budget, os._exit, (1,))
    guard.daemon = True
    guard.start()
    try:
        return engine.draw(job)
    finally:
        guard.cancel()
