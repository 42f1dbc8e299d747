"""What a plain machine lacks is skipped with a clear line; the full checks (CI) skip nothing."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from decision_aid.documents import render_pool

# A busy machine is no fault of the paper; what happens at the limit has tests of its own.
render_pool.BUDGET = 120.0

#: Marker, program, and what to install.
_NEEDS = {"browser": ("chromium", "chromium"), "poppler": ("pdftotext", "poppler-utils")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose program is missing, except under CI."""
    if os.environ.get("CI"):
        return
    for marker, (program, package) in _NEEDS.items():
        if shutil.which(program):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                reason = f"{program} is not installed; .ci/run installs {package}"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one Playwright of this process: a second one beside it refuses to start."""
    with sync_playwright() as started:
        yield started
