"""Sealing: what a person wrote and what names a person is encrypted wherever it is kept; look-ups go by keyed hashes.

A key can be rotated: the new one is put first and seals from then on, the older ones still open what they sealed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK = "sealed:"  # what does not begin with it was written before anything was sealed


class BadKey(ValueError):
    """A key that is none."""

    def __init__(self) -> None:
        super().__init__(
            "BANGBAN_KEY 应当是 32 个字节的 URL 安全 base64（44 个字符）；换过密钥的，新的在前，用逗号隔开。 "
            "BANGBAN_KEY should be 32 bytes in URL-safe base64 (44 characters); after a change of keys the new one "
            "first, separated by commas."
        )


class WrongKey(ValueError):
    """What was read was sealed with a key that is not here."""

    def __init__(self) -> None:
        super().__init__(
            "数据是用另一把密钥封存的，或已损坏：请把 BANGBAN_KEY（或数据库旁的 .key 文件）换回原来的密钥。 "
            "The data was sealed with another key, or is damaged: put the former key back into BANGBAN_KEY (or into "
            "the .key file beside the database)."
        )


class Seal:
    """Seals and opens JSON values and files. Immutable, thread-safe."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: 32 bytes each in URL-safe base64, the one that seals first. Raises BadKey."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as fault:
            raise BadKey from fault
        self._look_up_keys = tuple(_look_up_key(key) for key in keys)

    def seal(self, value: Any) -> str:
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return _MARK + self.seal_bytes(plain.encode("utf-8", "surrogatepass")).decode("ascii")

    def open(self, kept: Any) -> Any:
        """The value that was sealed; what was kept before there was a seal comes back as it is. Raises WrongKey."""
        if not isinstance(kept, str) or not kept.startswith(_MARK):
            return kept
        plain = self.open_bytes(kept.removeprefix(_MARK).encode())
        return json.loads(plain.decode("utf-8", "surrogatepass"))

    def seal_bytes(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def open_bytes(self, kept: bytes) -> bytes:
        """The content that was sealed. Raises WrongKey."""
        try:
            return self._fernet.decrypt(kept)
        except InvalidToken:
            raise WrongKey from None

    def digest(self, text: str) -> str:
        """A keyed hash to look `text` up by, in hexadecimal."""
        return self.digests(text)[0]

    def digests(self, text: str) -> tuple[str, ...]:
        """Every hash under which `text` may have been kept: one a key."""
        return tuple(
            hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
            for key in self._look_up_keys
        )


def read_key(text: str) -> Seal:
    """The seal of one key, or of several separated by commas or spaces, the newest first. Raises BadKey."""
    return Seal([key.encode() for key in re.split(r"[\s,]+", text.strip())])


def _look_up_key(key: bytes) -> bytes:
    """A key for hashes only, so that a hash says nothing about the seal."""
    return HKDF(SHA256(), 32, salt=None, info=b"bangban look-up").derive(base64.urlsafe_b64decode(key))
