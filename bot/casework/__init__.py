"""Casework: what a case, an engagement and a booking may do next. Pure: facts in, a decision out.

Nothing here reads a clock, a database or chance: the caller passes the moment, the facts and the random bytes, and
stores what comes back. What somebody may not do is a `Refusal` with a name; an exception is a mistake in a program.
"""
