"""A whole conversation against lo-bot-api-emulator, a Bot API server made by others: nothing of it may be refused."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import Store
from tests.telegram.database import settled
from tests.telegram.peers import Emulator, message, press, until

pytestmark = pytest.mark.peer
# what this emulator does not have; everything else must be accepted
MISSING = ["--allow-refusal", "getMyDescription:501", "--allow-refusal", "getMyShortDescription:501"]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_a_conversation(peer: Emulator, running, store: Store, mode: str) -> None:
    shown = message("…")["message"] | {"message_id": 1}

    async def done(letters: int) -> None:
        await until(lambda: len(settled(store)) == letters)

    async def talk() -> None:
        more = {"secret": "s3cret_" * 4} if mode == "webhook" else {}
        async with running(peer.base_url, mode, **more):
            await until(lambda: peer.calls("setWebhook" if mode == "webhook" else "getUpdates"))
            for number, content in enumerate(
                [
                    message("/start"),
                    message("补办身份证要多少钱"),
                    press("p:id_card_apply:fee", shown),
                    message("开个小饭店要办什么证，带什么，多少钱"),
                    message("/start item_passport"),
                    press("d:id_card_apply", shown, number="c2"),
                ],
                1,
            ):
                await asyncio.to_thread(peer.send, content)
                await done(number)
            asked = {"id": "1", "from": shown["from"], "query": "护照", "offset": ""}
            await asyncio.to_thread(peer.send, {"inline_query": asked})
            await until(lambda: peer.calls("answerInlineQuery"))

    asyncio.run(talk())
    assert [row["reason"] for row in settled(store) if row["dead"]] == []
    wanted = ["sendMessage", "sendDocument", "setMyCommands", "sendChatAction", "answerInlineQuery"]
    wanted += ["getUpdates", "answerCallbackQuery"] if mode == "polling" else ["setWebhook", "webhook"]
    requirements = [word for method in wanted for word in ("--require-method", method)]
    verdict = peer.verdict("--require-response", *requirements, *MISSING)
    assert verdict.returncode == 0, verdict.stdout
