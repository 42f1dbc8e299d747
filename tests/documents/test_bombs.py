"""Small files that unpack to gigabytes or take minutes: one sentence, exit 2."""

import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from decision_aid import confined
from decision_aid.content.source_files import FILES
from tests import printed

ROOT = Path(__file__).parents[2]
CONTENT = {name: (ROOT / name).read_text("utf-8") for name in FILES}


@cache
def flated(size: int = 1 << 30) -> bytes:
    """So many zeros, packed twice: a gigabyte in some kilobytes."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 24)
    once = b"".join(packer.compress(block) for _ in range(size >> 24)) + packer.flush()
    return zlib.compress(once, 9)


TWICE = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])


def changed(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    """The surgeon's page with something done to it."""
    with pikepdf.open(BytesIO(printed.surgeon("aisha").pdf)) as pdf:
        change(pdf)
        out = BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def attached(pdf: pikepdf.Pdf) -> None:
    stream = pdf.attachments["answers.json"].obj.EF.F
    stream.write(flated(), filter=TWICE)


def drawn(pdf: pikepdf.Pdf) -> None:
    stream = pdf.make_stream(b"")
    stream.write(flated(), filter=TWICE)
    pdf.pages[0].obj.Contents = stream


def mapped(pdf: pikepdf.Pdf) -> None:
    for font in pdf.pages[0].obj.Resources.Font.as_dict().values():
        font.ToUnicode.write(flated(), filter=TWICE)


def many_files(pdf: pikepdf.Pdf) -> None:
    file = pdf.attachments["answers.json"].obj
    names = [pikepdf.String(f"{number:06}.json") for number in range(20_000)]
    pairs = pikepdf.Array(part for name in names for part in (name, file))
    pdf.Root.Names.EmbeddedFiles = pdf.make_indirect(pikepdf.Dictionary(Names=pairs))


def many_pages(pdf: pikepdf.Pdf) -> None:
    for _ in range(2000):
        pdf.add_blank_page()


def calling_itself(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(b"/X Do " * 1000, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
    page = pdf.pages[0].obj
    page.Resources.XObject = pikepdf.Dictionary(X=form)
    page.Contents = pdf.make_stream(b"/X Do " * 1000)


def wide_map(pdf: pikepdf.Pdf) -> None:
    for font in pdf.pages[0].obj.Resources.Font.as_dict().values():
        rows = b"<00000000> <ffffffff> <0000>\n" * 100_000
        font.ToUnicode = pdf.make_stream(b"beginbfrange\n" + rows + b"endbfrange")


def tiff(pages: int, width: int, height: int) -> bytes:
    """A fax of many large pages."""
    out = BytesIO()
    page = Image.new("1", (width, height), 1)
    page.save(out, "TIFF", save_all=True, append_images=[page] * (pages - 1), compression="group4")
    return out.getvalue()


def bombs() -> Iterator[tuple[str, Callable[[], bytes], str]]:
    """Files for `read`, and what is said."""
    long = "takes too long or too much memory"
    yield "attachment", lambda: changed(attached), "too long to be ours"
    yield "page", lambda: changed(drawn), "damaged or locked"
    yield "font", lambda: changed(mapped), "damaged or locked"
    yield "files", lambda: changed(many_files), "more than 20 files"
    yield "pages", lambda: changed(many_pages), "more than 50 pages"
    yield "loop", lambda: changed(calling_itself), long
    yield "map", lambda: changed(wide_map), long
    yield "20 large faxes", lambda: tiff(20, 8000, 8000), "too large to be a scan"
    yield "a ribbon", lambda: tiff(1, 1, 200_000), "too large to be a scan"
    yield "a long code", lambda: b"DA2" + b"A" * 10_000_000, "longer than any square code"
    yield "1000 small faxes", lambda: tiff(1000, 100, 100), "more than 20 pictures"


@pytest.mark.parametrize(("name", "make", "says"), list(bombs()), ids=lambda item: str(item)[:16])
def test_a_file_that_unpacks_without_end_gets_a_sentence(
    name: str, make: Callable[[], bytes], says: str, tmp_path: Path
) -> None:
    """A PDF of 6 kB took 2 GB; 20,000 attachments a minute; a fax of 20 large pages half of it."""
    (tmp_path / "file").write_bytes(make())
    done = command("read", str(tmp_path / "file"))

    assert done.returncode == 2, name
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "decision_aid", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


DOTTED = ".".join(["a"] * 50_000) + " = 1\n"
TOML = {
    "dotted": (DOTTED, "A key has more than 20 parts"),
    "dotted with spaces": (DOTTED.replace(".", " . "), "A key has more than 20 parts"),
    "quoted": (DOTTED.replace("a", '"a"'), "A key has more than 20 parts"),
    "headings": (f"[{DOTTED.split(' ')[0]}]\n", "A key has more than 20 parts"),
    "digits": (f"hours = {'9' * 5000}\n", "A number has too many digits"),
    "hexadecimal": (f"hours = 0x{'f' * 20000}\n", "A number has too many digits"),
    "lists": (f"hours = {'[' * 5000}{']' * 5000}\n", "Too many brackets"),
    "lists of middling depth": (f"hours = {'[' * 100}{']' * 100}\n", "Too many brackets"),
    "tables": ("hours = " + "{a = " * 5000 + "1" + "}" * 5000 + "\n", "Too many brackets"),
}


@pytest.mark.parametrize("name", TOML)
def test_content_and_settings_that_never_end_get_a_sentence(name: str, tmp_path: Path) -> None:
    """100 kB of dots took 3.4 GB and half a minute; digits and brackets were a traceback."""
    text, says = TOML[name]
    for file, sound in CONTENT.items():
        (tmp_path / file).write_text(text + sound if file == "questions.toml" else sound, "utf-8")
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    settings = {"DECISION_AID_SETTINGS": str(tmp_path / "settings.toml")}
    checked = command("check", str(tmp_path))
    started = command("explain", "-", **settings)
    assert (checked.returncode, started.returncode) == (1, 2)
    assert says in checked.stderr
    assert says in started.stderr or "bytes" in started.stderr
    assert "Traceback" not in checked.stderr + started.stderr
    assert started.stderr.count("\n") == 1


def much(size: int) -> int:
    """Take memory."""
    return len(bytes(size))


def endless() -> None:
    """Work without end."""
    while True:
        pass


def test_a_function_is_held_to_its_memory_and_time() -> None:
    """Within both it answers; over either one it ends."""
    assert confined.call(much, 1000, seconds=5, memory=1 << 29) == 1000
    with pytest.raises(confined.Exceeded):
        confined.call(much, 1 << 30, seconds=5, memory=1 << 29)
    with pytest.raises(confined.Exceeded):
        confined.call(endless, seconds=1, memory=1 << 29)


def test_a_sentence_of_the_function_is_passed_on() -> None:
    """What it refuses is told, and what it gives comes back."""
    with pytest.raises(confined.Refused, match="invalid literal"):
        confined.call(int, "x", seconds=5, memory=1 << 29)
