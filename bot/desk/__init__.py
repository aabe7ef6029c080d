"""The desk: what people do with bookings and cases, over the records they are kept in. Pure.

A function here takes a `Desk` (records, knowledge, the moment, chance) and says what is to be written and whom to tell
(`Done`), or why not (`Refusal`). Dialogue and console call the same functions, so both see the same truth. Which moves
there are and what they demand, `bot.casework` decides; which words are used, the templates.
"""
