"""Writing prompts in a dataset's wording from constraints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.parse import parse
from metrics.consistency.writer.constraint import Constraint, reads_back
from metrics.consistency.writer.grammar import Grammar, Sentence, load_grammar


@dataclass(frozen=True)
class Writer:
    """Writes prompts of one ontology.

    Args:
        name: of the ontology, or its file.
        grammar: of the ontology.
        sentences: of the grammar, in order of preference.
    """

    name: str
    grammar: Grammar
    sentences: tuple[Sentence, ...]

    @classmethod
    def like(cls, prompts: Iterable[str], ontology: str) -> Writer:
        """The writer that prefers the wording of most of these prompts, measured by those that it reproduces exactly.

        Raises:
            InputError: the ontology is unknown, or has no grammar.
        """
        grammar = load_grammar(ontology)
        writers = [cls(ontology, grammar, (sentence,)) for sentence in grammar.sentences]
        repeated = [0] * len(writers)
        for text, times in Counter(text.strip(" .") for text in prompts).items():
            constraint = Constraint.of(parse(text, ontology))
            for k, writer in enumerate(writers):
                if constraint is not None and writer.write(constraint, writer.details_of(text)) == text:
                    repeated[k] += times
        order = sorted(range(len(writers)), key=lambda k: -repeated[k])
        return cls(ontology, grammar, tuple(grammar.sentences[k] for k in order))

    def write(self, constraint: Constraint, details: str = "") -> str | None:
        """A prompt that states the constraint and nothing else.

        Args:
            details: words that describe the lesions, as `details_of` returns them.

        Returns:
            None if the grammar cannot express the constraint, or its sentence would be read differently.
        """
        if constraint.count > len(self.grammar.numbers):
            return None
        ontology = load_ontology(self.name)
        columns = len({cell.split("-")[1] for cell in constraint.regions})
        for sentence in self.sentences:
            if sentence.columns in (None, columns):
                text = self._fill(sentence, constraint, details, ontology)
                return text if reads_back(text, constraint, self.name) else None
        return None

    def details_of(self, prompt: str) -> str:
        """The words of a prompt that describe its lesions, such as "white round"; "" if it has none.

        Sizes are left out: `Constraint` has them.
        """
        found = self.grammar.details.search(prompt) if self.grammar.details else None
        if found is None:
            return ""
        words, sizes = found["details"].split(), load_ontology(self.name).words
        return " ".join(word for word in words if not sizes.get(word.lower(), "").startswith("size:"))

    def _fill(self, sentence: Sentence, constraint: Constraint, details: str, ontology: Ontology) -> str:
        text = sentence.text.format(
            count=self.grammar.numbers[constraint.count - 1],
            noun=sentence.nouns[constraint.count > 1],
            places=sentence.joint.join(self._places(sentence, constraint.regions, ontology)),
            size=", ".join(constraint.sizes),
            details=details,
        )
        return " ".join(text.split())

    def _places(self, sentence: Sentence, regions: Sequence[str], ontology: Ontology) -> list[str]:
        """From the image's left to its right, or cell by cell from the top."""
        if self.grammar.cells:
            ordered = (f"{row}-{column}" for row in ontology.rows for column in ontology.columns)
            return [self.grammar.cells[cell] for cell in ordered if cell in regions]
        places = []
        for column in ontology.columns:
            rows = [row for row in ontology.rows if f"{row}-{column}" in regions]
            if rows:
                template = sentence.column if len(rows) == len(ontology.rows) else sentence.place
                words = " ".join(self.grammar.rows[row] for row in rows)
                places.append(template.format(rows=words, column=column))
        return places
