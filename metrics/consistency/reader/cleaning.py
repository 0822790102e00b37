"""Cleans a text before it is read: markup, full-width signs, list markers, section headings, dates and measures.

Every character keeps its position, so that spans of the cleaned text are also spans of the original.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

TAG = re.compile(r"<!--.*?-->|</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>", re.DOTALL)
BLOCKS = ("p", "br", "li", "ul", "ol", "div", "td", "tr", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section")
ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6});")
MARKDOWN = re.compile(r"\*\*|__|`+|^[ \t]*#+(?=\s)", re.MULTILINE)
EQUALS = re.compile(r"(?<![<>=])=(?![=])")
INITIAL = re.compile(r"\(([LRlr])\)")
QUOTE = re.compile(r"(?<![A-Za-z])'|'(?![A-Za-z])")
BULLET = re.compile(r"^[ \t]*[-*+](?=\s)|\n(?=[ \t]*\n)", re.MULTILINE)
PLURAL = re.compile(r"(?<=[A-Za-z])\((?:s|es)\)")
STUCK = re.compile(r"(?<=[A-Za-z]{3})\.(?=[A-Za-z]{3})")  # "lung.lower"
SIGNS = str.maketrans(
    {
        **dict.fromkeys("；。|｜•·▪◦●∙¶", ";"),
        **dict.fromkeys("，、→[]{}【】", ","),
        **dict.fromkeys('"“”„«»\u00a0\u200b\ufeff\u3000', " "),
        "：": ":", "（": "(", "）": ")", "／": "/", "！": "!", "？": "?", "’": "'",
        "×": "x", "‐": "-", "‑": "-", "−": "-",
        **{chr(0xFF10 + k): str(k) for k in range(10)},
    }
)  # fmt: skip

MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
NUMBER = r"\d+(?:[.,]\d+)?"
WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten)"
UNIT = r"(?:mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?|ml|lit(?:er|re)s?|%|percent|per cent)"
MEASURES = re.compile(
    "|".join(
        [
            rf"\b{NUMBER}(?:\s*(?:mm|cm))?(?:\s*(?:x|by)\s*{NUMBER}(?:\s*(?:mm|cm))?)+(?:\s*(?:mm|cm)\b)?(?![a-z])",
            rf"\b(?:{NUMBER}|{WORD})(?:\s*(?:-|–|to|and|or)\s*(?:{NUMBER}|{WORD}))?[\s-]*{UNIT}(?![a-z])",
            r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b",
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH}(?:\s+\d{{4}})?\b",
            rf"\b{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b",
            r"\b(?:19|20)\d\d\b",
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b",
            r"\b\d+\s*/\s*\d+\b",
            r"\b\d+\.\d+\b",
            rf"\b(?:\d+|{WORD})[\s-]*(?:years?|yrs?|y|months?|weeks?|days?|hours?|hrs?)(?:[\s/-]*(?:old|o))?(?![a-z])",
            rf"\b(?:{WORD}|\d+)[\s-](?:thirds?|quarters?|fifths?)\b(?:\s+of)?",
            r"(?<!upper )(?<!lower )(?<!left )(?<!right )\bhalf\s+of\b",
            r"\b(?:day|stage|grade|type|level|score|room|bed|image|images|series|slice|slices|case|patient|version|figure"
            r"|fig\.?|phase|class|category|curb|bi-?rads|covid-|sars-cov|gold|step|page|segments?)\s*[:#-]?\s*"
            r"(?:\d+|i{1,3}\b|iv\b)(?:\s*[-/&,]\s*\d+)*[a-d]?(?![a-z])",
        ]
    ),
    re.IGNORECASE,
)
# A quick test, as most prompts have no measure: each has a digit, or a word for a fraction, a time or a grade.
MEASURED = re.compile(
    r"\d|\b[ab]\)|half of|third|quarter|fifth|year|month|week|day|hour|per ?cent|stage|grade", re.IGNORECASE
)
RELATIVE = re.compile(rf"\b(?:upper|lower)\s+(?:{WORD}|\d)[\s-](?:thirds?|quarters?)\b", re.IGNORECASE)
ITEM = re.compile(r"(?:(?<=[\s;:,.])|^)\(?([1-9a-i])[.)](?=\s)")
SECTION = re.compile(
    r"\b(?:(?P<context>indications?|(?:clinical |past |past medical |medical )?history"
    r"|clinical (?:information|details|question)|technique|comparisons?|exam(?:ination)?"
    r"|reason for (?:the )?(?:exam(?:ination)?|study|visit)|procedure|recommendations?)"
    r"|(?P<report>findings?|report)|(?P<summary>impressions?|conclusions?|summary|opinion))\s*(?=:)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Cleaned:
    """A text ready to be read.

    Args:
        text: as long as the original; parts that must not be read are blanks.
        left_out: (start, end, reason) of those parts.
        items: positions where the items of a numbered list begin.
        summary: position where a closing section such as IMPRESSION begins, or None.
    """

    text: str
    left_out: list[tuple[int, int, str]] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    summary: int | None = None

    def blank(self, start: int, end: int, why: str) -> None:
        """Replace text[start:end] by blanks."""
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]
        self.left_out.append((start, end, why))


def clean(text: str) -> Cleaned:
    """The text without markup, measures, dates and the sections that report no findings."""
    out = text.translate(SIGNS)
    if "<" in out:
        out = TAG.sub(lambda m: (";" if (m[1] or "").lower() in BLOCKS else " ").ljust(len(m[0])), out)
    if "&" in out:
        out = ENTITY.sub(_character, out)
    if "*" in out or "__" in out or "`" in out or "#" in out:
        out = MARKDOWN.sub(lambda m: " " * len(m[0]), out)
    if "=" in out:
        out = EQUALS.sub(":", out)
    if "(+)" in out or "(-)" in out:
        out = out.replace("(-)", "nil").replace("(+)", "   ")
    if "(" in out:
        out = INITIAL.sub(r" \1 ", out)
    if "'" in out:
        out = QUOTE.sub(" ", out)
    if "\n" in out or out[:1] in "-*+ \t":
        out = BULLET.sub(lambda m: ";".rjust(len(m[0])), out)
    if "(s)" in out or "(es)" in out:
        out = PLURAL.sub(lambda m: " " * len(m[0]), out)
    cleaned = Cleaned(STUCK.sub(";", out) if "." in out else out)
    if ":" in out:
        _sections(cleaned)
    if MEASURED.search(out):
        _items(cleaned)
        for pattern, why in ((RELATIVE, "part of a zone"), (MEASURES, "measure, date or grade")):
            for match in pattern.finditer(cleaned.text):
                cleaned.blank(match.start(), match.end(), why)
    return cleaned


def _character(match: re.Match[str]) -> str:
    """The sign of an HTML entity, padded to its length."""
    sign = html.unescape(match[0]).translate(SIGNS)
    return sign.ljust(len(match[0])) if len(sign) == 1 else match[0]


def _sections(cleaned: Cleaned) -> None:
    """Blank the sections on why and how the image was taken, each up to the next heading or full stop."""
    headings = list(SECTION.finditer(cleaned.text))
    for k, match in enumerate(headings):
        heading_end = match.end() + 1
        if match["context"]:
            stop = re.compile(r"\.(?=\s|$)|;|\n").search(cleaned.text, heading_end)
            last = len(cleaned.text) if stop is None else stop.start()
            end = headings[k + 1].start() if k + 1 < len(headings) else last
            cleaned.blank(match.start(), end, "not a finding: " + match["context"].lower())
        else:
            cleaned.text = (
                cleaned.text[: match.start()] + ";" * (heading_end - match.start()) + cleaned.text[heading_end:]
            )
            if match["summary"] and match.start() > 0:
                cleaned.summary = match.start()


def _items(cleaned: Cleaned) -> None:
    """Turn the markers of a list, numbered from 1 or a, into full stops."""
    expected = ""
    marks: list[re.Match[str]] = []
    for match in ITEM.finditer(cleaned.text):
        if match[1] in "1a" and not marks or match[1] == expected:
            marks.append(match)
            expected = chr(ord(match[1]) + 1)
    if len(marks) < 2:
        return
    for match in marks:
        cleaned.text = cleaned.text[: match.start()] + ";" * (match.end() - match.start()) + cleaned.text[match.end() :]
    cleaned.items = [match.end() for match in marks]
