"""In a group others read along: items are answered, what concerns a person is not."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.dialogue import public
from bot.dialogue.table import BUTTONS, COMMANDS
from bot.events import Chat, Commanded, Event, Incoming, Pressed, Said

GROUP = Chat("telegram", "-1005")
PERSONAL: list[Event] = [
    *(Commanded(name) for name in sorted(COMMANDS.keys() - public.COMMANDS)),
    *(Pressed(verb) for verb in sorted(BUTTONS.keys() - public.BUTTONS)),
    Commanded("start", "join_abc"),
    Said("我的事办到哪了"),
    Said("37132120261123000994 ABCD2345"),
    Said("我要投诉"),
]


def answered(assistant: Assistant, event: Event, number: str = "1", in_public: bool = True) -> str:
    replies = assistant.respond(Incoming(GROUP, number, event, "zh", in_public))
    return "\n".join(reply.text for reply in replies)


@pytest.mark.parametrize("event", PERSONAL, ids=str)
def test_what_concerns_a_person_is_for_a_private_chat(assistant: Assistant, event: Event) -> None:
    assert "私下发给它" in answered(assistant, event)


@pytest.mark.parametrize(
    "event", [Said("补办身份证要多少钱"), Commanded("help"), Commanded("start"), Pressed("h")], ids=str
)
def test_what_everybody_may_read_is_answered(assistant: Assistant, event: Event) -> None:
    assert "私下发给它" not in answered(assistant, event)


def test_what_was_begun_in_a_group_is_forgotten(assistant: Assistant) -> None:
    """Before groups were told apart, a form could be under way there: nobody's name is taken for its answer."""
    answered(assistant, Pressed("a::go"), in_public=False)
    answered(assistant, Said("张三"), "2")
    assert "私下发给它" in answered(assistant, Pressed("f:1:quit"), "3")


def test_the_rows_of_the_tables_there_are() -> None:
    """A command or button that is gone is not opened to groups."""
    assert COMMANDS.keys() >= public.COMMANDS and BUTTONS.keys() >= public.BUTTONS
