"""The dialogue: a table of (step × event → rule) and the rules, one file a subject. Pure."""
