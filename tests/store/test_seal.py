"""What is sealed opens with its key only, and what was never sealed is read as it is."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as some

from bot.store import BadKey, Seal, WrongKey, read_key

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()
SCALARS = some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text()
JSON = some.recursive(SCALARS, lambda some_json: some.lists(some_json) | some.dictionaries(some.text(), some_json))


@given(JSON)
def test_what_was_sealed_is_opened_and_cannot_be_read_before(value: object) -> None:
    kept = Seal([OLD]).seal({"said": ["身份证", value]})
    assert Seal([OLD]).open(kept) == {"said": ["身份证", value]}
    # signs that base64 has not: four letters stand in it by chance now and then
    assert kept.isascii() and '"said":' not in kept


@pytest.mark.parametrize("half", ["\ud83d", "a\udfff"])
def test_half_a_character_is_kept_too(half: str) -> None:
    assert Seal([OLD]).open(Seal([OLD]).seal(half)) == half
    assert Seal([OLD]).digest(half)


@pytest.mark.parametrize("plain", [None, {}, {"step": "idle"}, [], [{"say": {}}], "idle", 7])
def test_what_was_never_sealed_comes_back_as_it_is(plain: object) -> None:
    assert Seal([OLD]).open(plain) == plain


def test_another_key_opens_nothing_and_says_so() -> None:
    kept = Seal([OLD]).seal("欧阳")
    changed = kept[:60] + ("A" if kept[60] != "A" else "B") + kept[61:]
    for broken in (Seal([NEW]).seal("欧阳"), kept[:-4], changed):
        with pytest.raises(WrongKey, match="BANGBAN_KEY"):
            Seal([OLD]).open(broken)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before, rotated, after = Seal([OLD]), Seal([NEW, OLD]), Seal([NEW])
    assert rotated.open(before.seal(1)) == 1
    assert after.open(rotated.seal(2)) == 2
    assert before.digest("x") in rotated.digests("x") and rotated.digest("x") == after.digest("x")


def test_a_hash_depends_on_the_key_and_on_the_text() -> None:
    hashes = {Seal([OLD]).digest("张三"), Seal([OLD]).digest("张四"), Seal([NEW]).digest("张三")}
    assert len(hashes) == 3


@pytest.mark.parametrize("text", ["", "secret", "x" * 44, OLD.decode()[:-4], f"{OLD.decode()},short"])
def test_a_bad_key_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadKey, match=r"应当是.*should be"):
        read_key(text)


def test_several_keys_are_read() -> None:
    seal = read_key(f" {NEW.decode()}, {OLD.decode()}\n")
    assert seal.open(Seal([OLD]).seal(1)) == 1
    assert Seal([NEW]).open(seal.seal(1)) == 1
