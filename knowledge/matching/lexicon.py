"""Wording knowledge: what people say for what the law says, read from `knowledge/lexicon/*.yaml`.

The format is described in `docs/lexicon.md`. `read_lexicon` checks every file and reports all faults at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from knowledge.matching.plain_yaml import read_yaml

LEXICON = Path(__file__).resolve().parent.parent / "lexicon"

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Choices = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]  # 「开个|开家&手续」


class LexiconError(Exception):
    """The lexicon's files are wrong; `faults` names every place, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Word(_Entry):
    """Something people say, and the official terms it stands for.

    `say`: phrases; a phrase with spaces holds when all its parts occur close together, a part may have
    alternatives `a|b` and name a class `@亲属`. `en`: English phrases, whole words. `means`: official terms, each
    perhaps with alternatives `a|b` of which an item's name uses one. `unless`: words that forbid it.
    """

    say: tuple[Said, ...] = ()
    en: tuple[Said, ...] = ()
    means: Annotated[tuple[Said, ...], Field(min_length=1)]
    unless: tuple[Said, ...] = ()


class Action(_Entry):
    """Something one may want done: the words names use for it, and the words people use."""

    name: Said
    official: tuple[Said, ...]
    say: tuple[Said, ...] = ()
    en: tuple[Said, ...] = ()
    unless: tuple[Said, ...] = ()


class Service(_Entry):
    """A service known nationally: its official names, and what people ask when they want it.

    `elsewhere`: not something a hall's catalogue offers (queries, courts, shops): only there to be recognised.
    """

    names: Annotated[tuple[Said, ...], Field(min_length=1)]
    ask: tuple[Said, ...] = ()
    en: tuple[Said, ...] = ()
    elsewhere: bool = False


class _Words(_Entry):
    kind: Literal["words"]
    words: tuple[Word, ...]


class _Actions(_Entry):
    kind: Literal["actions"]
    actions: tuple[Action, ...]


class _Services(_Entry):
    kind: Literal["services"]
    field: Said  # the department or part of life, for the reader; also context of every name in the file
    services: tuple[Service, ...]


class _Classes(_Entry):
    kind: Literal["classes"]
    classes: dict[Said, tuple[Said, ...]]


class Intent(_Entry):
    """Words that make a message something else than a question about a service (see `intent.py`)."""

    intent: Said
    say: tuple[Said, ...] = ()
    en: tuple[Said, ...] = ()
    unless: tuple[Said, ...] = ()
    whole: tuple[Said, ...] = ()  # only when the message is nothing else


class _Intents(_Entry):
    kind: Literal["intents"]
    intents: tuple[Intent, ...]


class Asked(_Entry):
    """Words that ask for one part of a notice."""

    aspect: Said
    say: tuple[Said, ...] = ()
    en: tuple[Said, ...] = ()
    unless: tuple[Said, ...] = ()


class _Aspects(_Entry):
    kind: Literal["aspects"]
    aspects: tuple[Asked, ...]


class _Fillers(_Entry):
    kind: Literal["fillers"]
    fillers: tuple[Said, ...] = ()  # carry nothing: taken out
    wants: tuple[Said, ...] = ()  # mark the clause that carries the need
    joins: tuple[Said, ...] = ()  # join two needs
    wholes: tuple[Choices, ...] = ()  # ask for everything that belongs to an undertaking (一件事)


_File = TypeAdapter(
    Annotated[_Words | _Actions | _Services | _Classes | _Intents | _Aspects | _Fillers, Field(discriminator="kind")]
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All files together."""

    words: tuple[Word, ...]
    actions: tuple[Action, ...]
    services: tuple[tuple[str, Service], ...]  # with the field of their file
    classes: Mapping[str, tuple[str, ...]]
    intents: tuple[Intent, ...]
    aspects: tuple[Asked, ...]
    fillers: tuple[str, ...]
    wants: tuple[str, ...]
    joins: tuple[str, ...]
    wholes: tuple[str, ...]


def _fault(path: Path, error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{path.name}: {place}: {error['msg']}"


def _together(services: Sequence[tuple[str, Service]]) -> tuple[tuple[str, Service], ...]:
    """Services that share a name are one, wherever they are written: wordings are added up."""
    group_of: dict[str, int] = {}
    groups: dict[int, list[int]] = {}
    for number, (_, service) in enumerate(services):
        shared = sorted({group_of[name] for name in service.names if name in group_of})
        home = shared[0] if shared else number
        members = [member for group in shared for member in groups.pop(group)] + [number]
        groups[home] = members
        for member in members:
            group_of.update(dict.fromkeys(services[member][1].names, home))
    return tuple(_one([services[member] for member in members]) for members in groups.values())


def _one(parts: Sequence[tuple[str, Service]]) -> tuple[str, Service]:
    if len(parts) == 1:
        return parts[0]
    merged = Service(
        names=tuple(dict.fromkeys(name for _, one in parts for name in one.names)),
        ask=tuple(dict.fromkeys(said for _, one in parts for said in one.ask)),
        en=tuple(dict.fromkeys(said for _, one in parts for said in one.en)),
        elsewhere=all(one.elsewhere for _, one in parts),
    )
    return parts[0][0], merged


def _unknown_classes(lexicon: Lexicon) -> list[str]:
    faults = []
    for word in lexicon.words:
        for phrase in (*word.say, *word.unless):
            faults += [
                f"class @{name} in 「{phrase}」 is not defined"
                for name in re.findall(r"@([^\s|]+)", phrase)
                if name not in lexicon.classes
            ]
    return faults


def read_lexicon(folder: Path = LEXICON) -> Lexicon:
    """The lexicon in `folder`; raises LexiconError naming every fault in every file."""
    faults: list[str] = []
    files: list[Any] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            files.append(_File.validate_python(read_yaml(path.read_text(encoding="utf-8"))))
        except ValidationError as error:
            faults += [_fault(path, one) for one in error.errors()]
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{path.name}: {error}")
    lexicon = Lexicon(
        words=tuple(word for file in files if file.kind == "words" for word in file.words),
        actions=tuple(action for file in files if file.kind == "actions" for action in file.actions),
        services=_together([(file.field, one) for file in files if file.kind == "services" for one in file.services]),
        classes={name: said for file in files if file.kind == "classes" for name, said in file.classes.items()},
        intents=tuple(one for file in files if file.kind == "intents" for one in file.intents),
        aspects=tuple(one for file in files if file.kind == "aspects" for one in file.aspects),
        fillers=tuple(one for file in files if file.kind == "fillers" for one in file.fillers),
        wants=tuple(one for file in files if file.kind == "fillers" for one in file.wants),
        joins=tuple(one for file in files if file.kind == "fillers" for one in file.joins),
        wholes=tuple(one for file in files if file.kind == "fillers" for one in file.wholes),
    )
    faults += _unknown_classes(lexicon)
    if faults:
        raise LexiconError(faults)
    return lexicon
