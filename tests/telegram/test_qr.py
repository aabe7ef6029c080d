"""Links and codes for the counter, and what the bot shows of itself."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET

import pytest

from bot.events import LANGUAGES
from handlers.telegram.profile import read_profiles
from handlers.telegram.qr import item_link, qr_png, qr_svg
from tests.telegram.peers import ROOT


def test_every_items_link_is_one_telegram_accepts(catalogue) -> None:
    for code in catalogue.codes():
        assert item_link("@hall_bot", code) == f"https://t.me/hall_bot?start=item_{code}"


@pytest.mark.parametrize(
    ("name", "code"), [("x", "passport"), ("hall bot", "passport"), ("hall_bot", "护照"), ("hall_bot", "a" * 60)]
)
def test_a_link_telegram_would_not_accept_is_an_error(name: str, code: str) -> None:
    with pytest.raises(ValueError, match="deep link"):
        item_link(name, code)


def test_codes_are_square_pictures_with_a_title() -> None:
    link = item_link("hall_bot", "passport")
    picture = qr_png(link)
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG") and width == height >= 400
    drawing = ET.fromstring(qr_svg(link, "护照"))
    assert {"title": "护照", "desc": link} == {
        child.tag.rpartition("}")[2]: child.text for child in drawing if child.tag.endswith(("title", "desc"))
    }
    assert drawing.get("viewBox") and not drawing.get("width")


def test_the_menu_has_the_same_commands_in_every_language_and_the_assistant_knows_them() -> None:
    from bot.dialogue.table import COMMANDS

    profiles = read_profiles(ROOT / "templates")
    assert set(profiles) == set(LANGUAGES)
    for profile in profiles.values():
        assert set(profile.commands) <= set(COMMANDS)
        assert list(profile.commands) == list(profiles["zh"].commands)
