"""Case numbers and query passwords.

No national rule for 办件编号 was found, so its format is configuration: by default region, date, serial and check
character, 20 in all (never 18: such a number could be taken for an identity number, whose check is the same).

The check character is ISO 7064 MOD 11-2, not MOD 37,36: the number is digits only, so that it can be read out on the
telephone and typed on a number pad, and MOD 11-2 is made for digits. It finds every single wrong digit and every two
digits swapped, as MOD 37,36 does, and its X is known to everybody from the identity card.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.iso7064 import mod_11_2


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a number is made. Raises ValueError for one that could be taken for an identity number."""

    prefix: str = ""  # letters that tell kinds of number apart: TS for complaints; not part of the check
    region: int = 6  # digits of the region's code
    date: str = "%Y%m%d"
    serial: int = 5  # digits

    def __post_init__(self) -> None:
        if re.fullmatch(r"[A-Z]{0,4}", self.prefix) is None:
            raise ValueError("a prefix is up to four capital letters")
        if not self.prefix and self.length == 18:
            raise ValueError("18 characters could be an identity number")

    @property
    def length(self) -> int:
        """Characters without the prefix."""
        return self.region + len(dt.date(2000, 1, 1).strftime(self.date)) + self.serial + 1

    def make(self, region: str, day: dt.date, serial: int) -> str:
        """The number of the `serial`-th case of a region's day. Raises ValueError where it has no room for them."""
        digits = f"{region:0<{self.region}}"[: self.region] + day.strftime(self.date) + f"{serial:0{self.serial}}"
        if serial < 1 or len(digits) != self.length - 1 or not digits.isascii() or not digits.isdigit():
            raise ValueError(f"no number for region {region}, serial {serial}")
        return self.prefix + digits + mod_11_2.calc_check_digit(digits)

    def is_number(self, text: str) -> bool:
        """Whether `text` is a number of this format, exactly as it is stored."""
        body = text.removeprefix(self.prefix)
        if len(text) != len(self.prefix) + self.length or re.fullmatch(r"[0-9]+[0-9X]", body) is None:
            return False
        return self._date_of(body) is not None and mod_11_2.is_valid(body)

    def find(self, text: str) -> tuple[str, ...]:
        """The numbers in a message, whatever their spacing, dashes, width and case; each once, in order."""
        found: dict[str, None] = {}
        for run in _RUN.finditer(unicodedata.normalize("NFKC", text).upper()):
            found.update(dict.fromkeys(self._in_run(run.group())))
        return tuple(found)

    def _in_run(self, run: str) -> list[str]:
        """Numbers that begin and end where a group of signs does: other digits may stand before and after them."""
        groups = [group for group in _GAP.split(run) if group]
        numbers: list[str] = []
        start = 0
        while start < len(groups):
            joined, size = self._joined(groups, start)
            if joined:
                numbers.append(joined)
            start += size
        return numbers

    def _joined(self, groups: list[str], start: int) -> tuple[str, int]:
        """The number that begins with group `start` and how many groups it takes; or nothing, and 1 to go on."""
        wanted = len(self.prefix) + self.length
        joined = ""
        for size, group in enumerate(groups[start:], start=1):
            joined += group
            if len(joined) >= wanted:
                return (joined, size) if self.is_number(joined) else ("", 1)
        return "", 1

    def _date_of(self, body: str) -> dt.date | None:
        try:
            return dt.datetime.strptime(body[self.region : -1 - self.serial], self.date).date()
        except ValueError:
            return None


_GAP = re.compile(r"[\s\-‐-―−·._/]+")
_RUN = re.compile(r"[0-9A-Z]+(?:[\s\-‐-―−·._/]+[0-9A-Z]+)*")

# --- query passwords ----------------------------------------------------------------------------

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else: no 0 O 1 I L
PASSWORD_LENGTH = 8  # 31^8: about 40 bits, behind limits on attempts
_COST = {"n": 2**14, "r": 8, "p": 1}  # scrypt: 16 MiB and some tens of milliseconds a try


def make_password(below: Callable[[int], int]) -> str:
    """A query password; `below(n)` gives a random integer from 0 to n − 1 (secrets.randbelow)."""
    return "".join(ALPHABET[below(len(ALPHABET))] for _ in range(PASSWORD_LENGTH))


def hash_password(password: str, salt: bytes) -> str:
    """What is stored instead of the password. `salt`: 16 random bytes, another for every case."""
    return f"{salt.hex()}${_derived(password, salt).hex()}"


def is_password(given: str, stored: str | None) -> bool:
    """Whether `given` is the password that `stored` was made from; case, width and spaces don't matter.

    For a case that doesn't exist pass None: it takes the same time and is wrong.
    """
    salt, _, derived = (stored or _ABSENT).partition("$")
    same = hmac.compare_digest(_derived(given, bytes.fromhex(salt)), bytes.fromhex(derived))
    return same and stored is not None


def _derived(password: str, salt: bytes) -> bytes:
    typed = "".join(unicodedata.normalize("NFKC", password).upper().split())[:64]
    return hashlib.scrypt(typed.encode(), salt=salt, dklen=32, **_COST)


_ABSENT = f"{'00' * 16}${'00' * 32}"
