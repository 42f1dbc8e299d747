"""Cryptography of the store: what only the holder of a token or a return code can open.

Everything stored is found and opened by values derived from the token in the patient's cookie
(or from the return code) together with the server's pepper. Neither is stored.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

#: The first byte of every blob: which algorithms made it.
VERSION = 1
_TOKEN_BYTES = 32
_NONCE_BYTES = 12
_PAD = 1024
_SCRYPT_COST = 2**15
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SLIPS = str.maketrans("OIL", "011")
_SYMBOLS = 16


class DecryptionError(Exception):
    """A blob that was changed, or belongs to another row, revision or key."""


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_bytes(token: str) -> bytes | None:
    """The bytes of a token, or None for a text that is none."""
    if len(token) != 43 or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    canonical = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    return raw if canonical and len(raw) == _TOKEN_BYTES else None


def derive(secret: bytes, info: str) -> bytes:
    """32 bytes from a secret of high entropy; another ``info`` gives unrelated bytes."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"decision-aid " + info.encode())
    return kdf.derive(secret)


def encrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    """Version, nonce and ciphertext of JSON ``data``, padded so that its length tells little."""
    padded = data.ljust(-(-len(data) // _PAD) * _PAD, b" ")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return bytes([VERSION]) + nonce + AESGCM(key).encrypt(nonce, padded, bytes([VERSION]) + bound)


def decrypt(key: bytes, blob: bytes, bound: bytes) -> bytes:
    """What was sealed with this key and bound to these bytes. Raises SealError."""
    if len(blob) <= 1 + _NONCE_BYTES or blob[0] != VERSION:
        raise DecryptionError
    nonce, text = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, text, blob[:1] + bound).rstrip(b" ")
    except InvalidTag:
        raise DecryptionError from None


def new_code() -> str:
    """A return code for people: 16 symbols and a check symbol, ``4F7K-2M9X-Q3TB-8HRW-5``.

    80 bits less a quarter: only codes whose check symbol (modulo 37, after Crockford) is one of
    the 32 ordinary symbols are used, so that nobody has to find ``~`` on a phone.
    """
    while True:
        value = secrets.randbits(5 * _SYMBOLS)
        if value % 37 < len(_ALPHABET):
            break
    symbols = "".join(_ALPHABET[value >> 5 * i & 31] for i in reversed(range(_SYMBOLS)))
    symbols += _ALPHABET[value % 37]
    return "-".join(symbols[i : i + 4] for i in range(0, len(symbols), 4))


def read_code(text: str) -> str | None:
    """The 16 symbols of a typed code, common slips forgiven; None when it was mistyped.

    Small letters, spaces and dashes do not matter; O is read as 0, I and L as 1.
    """
    if len(text) > 100:
        return None
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Pd")
    kept = kept.translate(_SLIPS)
    if len(kept) != _SYMBOLS + 1 or not set(kept) <= set(_ALPHABET):
        return None
    value = 0
    for symbol in kept[:-1]:
        value = value << 5 | _ALPHABET.index(symbol)
    return kept[:-1] if _ALPHABET.index(kept[-1]) == value % 37 else None


def stretch(code: str, pepper: bytes) -> bytes:
    """A secret from the symbols of a return code; slow on purpose (about 0.3 s, 32 MiB)."""
    salt = derive(pepper, "return-code salt")
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(code.encode())


def window_key(pepper: bytes, day: int, action: str, address: str, start: int) -> bytes:
    """The name under which tries are counted: another one every day, and never an address."""
    day_key = derive(pepper, f"rate limit of day {day}")
    text = "\x1f".join((action, _network(address), str(start)))
    return hmac.new(day_key, text.encode("utf-8", "replace"), hashlib.sha256).digest()


def _network(address: str) -> str:
    """An IPv6 address as its /64, for one household has as many addresses as it likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
