"""The Telegram channel: what arrives becomes an Incoming, replies become messages. Nothing is decided here.

`channel.Channel` is the whole of it; `qr` makes links and codes and needs nothing else of this package.
"""
