"""The lexicon's files are well formed, and their wordings can be found at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge.matching.decision import Aspect, Kind
from knowledge.matching.lexicon import Lexicon, LexiconError, read_lexicon
from knowledge.matching.normalise import clean, simplified_characters
from knowledge.matching.phrases import Phrases, english_words
from knowledge.matching.plain_yaml import read_yaml


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon()


def test_every_file_is_valid_and_the_lexicon_is_large(lexicon: Lexicon) -> None:
    wordings = sum(len(word.say) + len(word.en) for word in lexicon.words)
    asks = sum(len(service.ask) + len(service.en) for _, service in lexicon.services)
    assert wordings + asks > 2000


def test_wordings_are_lower_case_and_simplified(lexicon: Lexicon) -> None:
    table = simplified_characters()
    said = [part for word in lexicon.words for one in word.say for part in one.replace("|", " ").split()]
    said += [one for _, service in lexicon.services for one in service.ask]
    assert sorted({one for one in said if clean(one, table) != one.strip() and not one.startswith("@")}) == []


def test_intents_and_aspects_are_known_to_the_code(lexicon: Lexicon) -> None:
    assert {one.intent for one in lexicon.intents} <= {kind.value for kind in Kind}
    assert {one.aspect for one in lexicon.aspects} <= {aspect.value for aspect in Aspect}


def test_services_that_share_a_name_are_one(tmp_path: Path) -> None:
    for letter, names, ask in (
        ("a", "[身份证补领]", "身份证丢了"),
        ("b", "[居民身份证补领, 身份证补领]", "身份证掉了"),
    ):
        text = f"kind: services\nfield: 公安\nservices:\n  - {{names: {names}, ask: [{ask}]}}\n"
        (tmp_path / f"{letter}.yaml").write_text(text, encoding="utf-8")
    ((field, service),) = read_lexicon(tmp_path).services
    assert (field, service.names) == ("公安", ("身份证补领", "居民身份证补领"))
    assert service.ask == ("身份证丢了", "身份证掉了")


def test_no_name_brings_unlike_services_together(lexicon: Lexicon) -> None:
    assert [service.names for _, service in lexicon.services if len(service.names) > 12] == []


def test_faults_are_named_by_file_and_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: words\nwords:\n  - {say: [x]}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("kind: words\nwords:\n  - {say: ['@谁 走了'], means: [死亡]}\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("kind: [\n", encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        read_lexicon(tmp_path)
    assert {"a.yaml", "c.yaml"} <= {fault.split(":")[0] for fault in caught.value.faults}
    assert any("@谁" in fault for fault in caught.value.faults)


def test_parts_of_a_phrase_stand_near_each_other_in_any_order() -> None:
    phrases = Phrases.of(
        [(["@亲属 没了|走了"], []), (["消防"], []), (["消防验收"], ["fire safety"])], {"亲属": ("爸", "妈")}
    )
    assert 0 in phrases.find("我爸上个月走了")
    assert 0 in phrases.find("走了的是我妈")
    assert 0 not in phrases.find("我爸" + "说" * 40 + "走了")
    assert set(phrases.find("消防验收")) == {2}
    assert set(phrases.find("消防")) == {1}
    assert set(phrases.find("fire safety")) == {2}


def test_english_words_lose_their_endings() -> None:
    assert english_words("Licences licensing") == english_words("licence licence")


def test_every_value_of_a_lexicon_file_is_text() -> None:
    assert read_yaml("say: [110, no, 1.50, ~]\nelsewhere: true") == {
        "say": ["110", "no", "1.50", "~"],
        "elsewhere": "true",
    }
    assert read_yaml("# nothing") is None


@pytest.mark.parametrize("text", ["say: [", "say: *other", "? [a]\n: b", "a\n---\nb", "a: \x01"])
def test_what_a_lexicon_file_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
