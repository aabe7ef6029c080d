"""The staff's web console: the same moves as in the chat, on pages. It decides nothing."""
