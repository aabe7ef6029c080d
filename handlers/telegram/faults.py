"""What can go wrong with the channel as a whole.

    ChannelError            the channel cannot work; says in one sentence why
      TokenRefusedError          Telegram does not know the token
      WebhookRefusedError        Telegram does not accept the webhook's address

Everything else is met where it happens: an update is given again, a letter is sent later or given up.
"""

from __future__ import annotations


class ChannelError(Exception):
    """The channel cannot work. Its text is for the operator."""


class TokenRefusedError(ChannelError):
    def __init__(self) -> None:
        super().__init__(
            "Telegram 不认识这个 TELEGRAM_BOT_TOKEN，请向 @BotFather 核对。 "
            "Telegram does not know this TELEGRAM_BOT_TOKEN: check it with @BotFather."
        )


class WebhookRefusedError(ChannelError):
    def __init__(self, said: str) -> None:
        super().__init__(
            f"Telegram 不接受 webhook 地址（{said}）。 Telegram does not accept the webhook's address ({said})."
        )
