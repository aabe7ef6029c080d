"""The vault takes what it knows by its content, seals it, and gives back exactly what was sent."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import Workbook

from bot.store import Seal, WrongKey
from bot.vault import DOCX, XLSX, Kept, Refused, Vault, media_type_of, receipt
from tests.conftest import SEAL

NAME, OTHER = "n" * 20, "o" * 20
MOST = 200_000
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
CONTENT_TYPES = "application/vnd.openxmlformats-officedocument."


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text in files.items():
            parts.writestr(name.replace("CONTENT_TYPES", "[Content_Types].xml"), text)
    return content.getvalue()


def office(main: str) -> bytes:
    thumbnail = base64.b64encode(hashlib.sha512(b"x").digest() * 500).decode()  # pushes the main part far back
    return zipped(**{"docProps/thumbnail.jpeg": thumbnail, "CONTENT_TYPES": f'<Override ContentType="{main}"/>'})


def workbook() -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


FILES = {
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), "image/jpeg"),
    "png": (PNG, "image/png"),
    "webp": (b"RIFF\x64\x00\x00\x00WEBPVP8 " + bytes(100), "image/webp"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100), "image/heic"),
    "heif": (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + bytes(100), "image/heic"),
    "pdf": (b"%PDF-1.7\n" + bytes(100), "application/pdf"),
    "xlsx": (workbook(), XLSX),
    "docx": (office(CONTENT_TYPES + "wordprocessingml.document.main+xml"), DOCX),
}
NOT_TAKEN = {
    "text": "营业执照".encode(),
    "html": b"<html><script>alert(1)</script></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
    "gif": b"GIF89a" + bytes(100),
    "program": b"MZ" + bytes(200),
    "zip": zipped(a="b"),
    "macros": office("application/vnd.ms-word.document.macroEnabled.main+xml"),
    "slides": office(CONTENT_TYPES + "presentationml.presentation.main+xml"),
    "slides with a table in them": zipped(
        CONTENT_TYPES=f'<Default ContentType="{XLSX}"/><Override ContentType="{CONTENT_TYPES}presentation.main+xml"/>'
    ),
    "frame in frame": b"\x50\x2a\x4d\x18\0\0\0\0" * 1024,
    "broken zip": office(CONTENT_TYPES + "wordprocessingml.document.main+xml")[:-30],
    "cut-off HEIC": b"\x00\x00\x00\x18ftyp\xff",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files" / "inner"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault(folder, SEAL, MOST)


@pytest.mark.parametrize(("content", "media_type"), FILES.values(), ids=FILES)
def test_what_is_known_is_kept_and_comes_back(vault: Vault, folder: Path, content: bytes, media_type: str) -> None:
    kept = vault.keep(content, NAME)
    assert kept == Kept(NAME, media_type, len(content), hashlib.sha256(content).hexdigest())
    assert vault.read(NAME) == content
    assert [file.name for file in folder.iterdir()] == [NAME], "nothing half-written stays"
    assert receipt(kept) == {
        "id": NAME, "media_type": media_type, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()
    }  # fmt: skip


@pytest.mark.parametrize("content", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_is_not_known_is_refused_and_not_written(vault: Vault, folder: Path, content: bytes) -> None:
    assert vault.keep(content, NAME) is Refused.TYPE
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", Refused.EMPTY), (PNG.ljust(MOST + 1), Refused.TOO_LARGE), (bytes(MOST + 1), Refused.TOO_LARGE)],
)
def test_an_empty_file_and_one_too_large_are_refused(vault: Vault, content: bytes, why: Refused) -> None:
    assert vault.keep(content, NAME) is why
    assert receipt(why) == {"refused": why.value}


def test_a_file_of_exactly_the_limit_is_taken(vault: Vault) -> None:
    assert isinstance(vault.keep(PNG.ljust(MOST), NAME), Kept)


def test_on_the_disk_it_is_sealed_and_nobody_elses(vault: Vault, folder: Path) -> None:
    vault.keep(PNG, NAME)
    raw = (folder / NAME).read_bytes()
    assert PNG[:8] not in raw and base64.urlsafe_b64encode(PNG)[:20] not in raw
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "short", f"../{NAME}", f"/etc/{NAME}", f"{NAME}/../{OTHER}", f".{NAME}", f"{NAME}\n", f"{NAME}\0",
     f"..\\{NAME}", "文" * 20, "n" * 101, f"{NAME}.part"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        vault.keep(PNG, name)
    with pytest.raises(ValueError, match="not the name"):
        vault.read(name)


def test_a_file_is_never_replaced(vault: Vault) -> None:
    vault.keep(PNG, NAME)
    with pytest.raises(FileExistsError):
        vault.keep(b"%PDF-1.7\n", NAME)
    assert vault.read(NAME) == PNG


def test_what_is_not_there_or_damaged_is_not_given_out(vault: Vault, folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        vault.read(NAME)
    vault.keep(PNG, NAME)
    raw = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(raw[:-8])
    with pytest.raises(WrongKey):
        vault.read(NAME)


def test_after_a_change_of_keys_files_are_still_read(folder: Path) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    Vault(folder, Seal([old]), MOST).keep(PNG, NAME)
    assert Vault(folder, Seal([new, old]), MOST).read(NAME) == PNG
    with pytest.raises(WrongKey):
        Vault(folder, Seal([new]), MOST).read(NAME)


@given(some.binary(max_size=300), some.sampled_from([b"", b"PK\x03\x04", b"\x00\x00\x00\x18ftyp", b"RIFF", b"%PDF"]))
def test_whatever_is_sent_has_a_type_or_none(content: bytes, begin: bytes) -> None:
    found = media_type_of(begin + content)
    assert found is None or "/" in found
