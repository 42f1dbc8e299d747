"""The two secrets of an installation: given in the environment, or made at the first start."""

import base64
import binascii
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class SettingsError(ValueError):
    """A setting that cannot be used; the text is one sentence for the person who set it."""


def read_key(name: str, value: str) -> bytes:
    """32 bytes or more from hexadecimal or base64 text; empty when nothing was given."""
    if not value:
        return b""
    try:
        key = bytes.fromhex(value)
    except ValueError:
        try:
            key = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
    if len(key) < KEY_BYTES or len(set(key)) < KEY_BYTES // 4:
        raise SettingsError(
            f"{name} must be {KEY_BYTES} random bytes in hexadecimal; "
            "`openssl rand -hex 32` makes one."
        )
    return key


def kept_key(folder: Path, name: str) -> bytes:
    """The key in this file, made with mode 0600 when there is none. Two starts agree on one."""
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = folder / f".{name}-{secrets.token_hex(8)}"
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, secrets.token_bytes(KEY_BYTES))
                os.fsync(handle)
            finally:
                os.close(handle)
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise SettingsError(f"{path} cannot be written or read: {error.strerror}.") from None
    if os.name == "posix" and mode & 0o077:
        raise SettingsError(f"{path} can be read by other users; set its mode to 0600.")
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path} is damaged: it does not hold {KEY_BYTES} bytes.")
    return key
