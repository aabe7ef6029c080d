"""Messages that nobody means: each must get a decision, in bounded time and without an exception."""

from __future__ import annotations

import itertools

LENGTH = 10_000  # characters


def _filled(*parts: str) -> str:
    """The parts in turn, again and again, up to LENGTH characters."""
    return "".join(itertools.islice(itertools.cycle("".join(parts)), LENGTH))


_HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))
_SCRIPTS = "身份证 passport паспорт جواز سفر パスポート 여권 पासपोर्ट διαβατήριο דרכון หนังสือเดินทาง "

MESSAGES: dict[str, str] = {
    "10,000 characters of one need": _filled("身份证丢了怎么补办"),
    "10,000 characters of needs and stories": _filled(
        "我想办营业执照，", "另外我妈的养老金怎么领。", "前几天房产证也办下来了，", "还有孩子上学和公司注销，",
        "车过户要带什么？"
    ),
    "10,000 different characters": _filled(_HAN),
    "10,000 letters of one word": "a" * LENGTH,
    "English without end": _filled("how do I get a licence for my shop and change my hukou, "),
    "pinyin without end": _filled("shenfenzheng diule zenme ban "),
    "pinyin without blanks": _filled("xianshijianxianshijian"),
    "words that join": _filled("公司和社保还有医保另外公积金以及户口跟"),
    "only punctuation": _filled("，。！？、…（）《》；：“”"),
    "mixed scripts": _filled(_SCRIPTS),
    "mixed scripts, one message": _SCRIPTS,
    "emoji": _filled("😀🏠👨‍👩‍👧‍👦🇨🇳"),
    "digits": _filled("0123456789"),
    "digits between words": _filled("371302", "身份证", "13800000000"),
    "SQL": "'; DROP TABLE items; -- ' OR 1=1 UNION SELECT * FROM sqlite_master WHERE name LIKE '%身份证%",
    "SQL without end": _filled("' OR '1'='1' UNION SELECT name FROM items; -- "),
    "regular expressions": "(a+)+$ ((a|a)*)* (.*)*x [^]]{1,99999} \\1(?<=x)" + "a" * 60 + "!",
    "regular expressions without end": _filled("(a+)+$", "((身|份)*)*证", "(.*)*"),
    "markup": _filled("<script>alert('身份证')</script>{{ 7*7 }}${x}%n"),
    "lone surrogates": _filled("\ud83d", "身份证", "\udc00"),
    "control and direction marks": _filled("\x00\u202e\u200b\ufeff\x1b[31m", "过户"),
    "marks that pile up": _filled("身", "\u0301" * 30),
    "blanks": _filled(" \t\u3000\n"),
    "ligatures that grow": _filled("ﷺ㍿㋿"),
    "nothing": "",
}  # fmt: skip
