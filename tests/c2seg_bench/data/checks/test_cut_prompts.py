"""`check` reports which parts of the prompts a method does not read, by the method's own account."""

import pytest

from baselines.contract import TextSpec
from c2seg_bench.data.checks.finding import CheckedSet
from c2seg_bench.data.checks.prompts import cut, readings
from c2seg_bench.data.source import SOURCES, Record
from c2seg_bench.text.encoder import load_encoder

PLAIN = "Bilateral pulmonary infection, two infected areas, upper left lung"
NO_COMMA = "Bilateral pulmonary infection involving two regions with involvement of all left lung and all right lung"
LONG = NO_COMMA.replace("all right lung", "the upper right lung and the lower right lung")


def cuts(*prompts):
    records = [Record(f"{i}", "train", text, load=list) for i, text in enumerate(prompts)]  # no pixel is looked at
    return {str(f).split(" read ")[0]: str(f).split(" read ")[1] for f in cut(CheckedSet(SOURCES["qata"], records, []))}


def test_losses_are_of_the_prompts_that_a_method_does_not_read_to_the_end():
    by_method = cuts(PLAIN, NO_COMMA, LONG, LONG)
    assert by_method["arseg"] == "20 tokens of minilm: 50% of the prompts are cut, 50% lose a finding"
    assert by_method["refsegformer, slvit"].startswith("20 tokens of minilm: 50% of the prompts are cut")
    assert by_method["lvit, medlangvit"].startswith("10 tokens of minilm: 100% of the prompts are cut")
    assert "arseg" not in cuts(PLAIN, NO_COMMA)


def test_a_method_that_reads_less_than_its_limit_is_found_out(monkeypatch):
    from baselines.arseg import ARSeg

    def five(self, text):  # of the first attribute alone, as it once was
        return text.mask & (text.mask.cumsum(1) <= 5)

    monkeypatch.setattr(ARSeg, "reads", five)
    assert cuts(NO_COMMA)["arseg"].startswith("20 tokens of minilm: 100% of the prompts are cut, 100% lose")


def test_readings_have_the_numbers_of_the_tokens():
    encoder = load_encoder("minilm")
    ids = [encoder.tokenizer(text)["input_ids"] for text in (PLAIN, LONG)]
    spec = encoder.spec(1)
    reading_by_method = {name: key for key, methods in readings(ids, spec).items() for name in methods}
    limit, read = reading_by_method["arseg"]
    assert limit == 20 and read == (tuple(range(len(ids[0]))), (*range(21), len(ids[1]) - 1))
    assert reading_by_method["slvit"][1][1] == tuple(range(20))
    assert readings([], spec) == {}


@pytest.mark.parametrize("size", [17, 18])
def test_methods_with_other_limits_differ(size):
    ids = [list(range(1000, 1019))]
    names = {limit: methods for (limit, _), methods in readings(ids, TextSpec(384, 1, 30522)).items()}
    assert names[size] == {17: ["unilseg"], 18: ["reclmis"]}[size]
