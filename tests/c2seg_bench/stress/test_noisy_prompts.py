"""Noise of a whole split: it depends on names and not on order, and is frozen in a file."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import metrics
from c2seg_bench.errors import InputError
from c2seg_bench.stress.edit_distance import levenshtein
from c2seg_bench.stress.noisy_prompts import frozen_prompts, perturb_prompts, read_prompts, write_prompts

NAMES = [f"image_{i}" for i in range(12)]
PROMPTS = [f"Unilateral pulmonary infection, one infected area, {row} left lung" for row in ("upper", "lower")] * 6


def test_noise_depends_on_the_image_not_on_the_order():
    forward = perturb_prompts(NAMES, PROMPTS, "keyboard", 3, seed=0)
    backward = perturb_prompts(NAMES[::-1], PROMPTS[::-1], "keyboard", 3, seed=0)
    assert forward.set_index("image")["prompt"].to_dict() == backward.set_index("image")["prompt"].to_dict()
    assert forward["prompt"].tolist() != perturb_prompts(NAMES, PROMPTS, "keyboard", 3, seed=1)["prompt"].tolist()


def test_other_prompt_is_always_another():
    table = perturb_prompts(NAMES, PROMPTS, "other_prompt", 1, seed=0)
    assert table["changed"].all() and set(table["prompt"]) == set(PROMPTS)


def test_a_written_table_is_read_back(tmp_path):
    table = perturb_prompts(NAMES, PROMPTS, "swap", 5, seed=0)
    write_prompts(tmp_path / "swap-5.jsonl", table)
    assert read_prompts(tmp_path / "swap-5.jsonl").equals(table)
    first = json.loads((tmp_path / "swap-5.jsonl").read_text().splitlines()[0])
    assert first["distance"] == levenshtein(first["clean"], first["prompt"]) and first["changed"] is True


def test_a_prompt_edited_by_hand_is_refused_with_its_line(tmp_path):
    path = tmp_path / "swap-5.jsonl"
    write_prompts(path, perturb_prompts(NAMES, PROMPTS, "swap", 5, seed=0))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[0]["prompt"] += " edited"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match=r"swap-5\.jsonl: damaged \(line 1: the prompt does not match its hash\)"):
        read_prompts(path)


def test_a_rerun_uses_the_frozen_file_until_prompts_or_seed_change(tmp_path, capsys):
    path, request = tmp_path / "swap-5.jsonl", (NAMES, PROMPTS, "swap", 5)
    first = frozen_prompts(path, *request, seed=0)
    assert first.equals(perturb_prompts(*request, seed=0))
    by_hand = first.assign(prompt="as I froze it", sha=hashlib.sha256(b"as I froze it").hexdigest()[:16])
    write_prompts(path, by_hand)
    assert frozen_prompts(path, *request, seed=0).equals(by_hand)
    assert frozen_prompts(path, *request, seed=1).equals(perturb_prompts(*request, seed=1))
    reversed_prompts = (NAMES, PROMPTS[::-1], "swap", 5)
    assert frozen_prompts(path, *reversed_prompts, seed=1).equals(perturb_prompts(*reversed_prompts, seed=1))
    assert len(read_prompts(path)) == 12
    path.write_text(path.read_text().replace("left", "right"))
    changed = path.read_text()
    assert frozen_prompts(path, *reversed_prompts, seed=1).equals(perturb_prompts(*reversed_prompts, seed=1))
    assert (tmp_path / "swap-5.jsonl.damaged").read_text() == changed
    assert "swap-5.jsonl: damaged (line 2: the prompt does not match its hash); set aside as" in capsys.readouterr().err


@pytest.mark.parametrize("end", ["\u2028", "\u0085", "\x0b", "\x0c", "\r"])
def test_a_prompt_may_contain_any_line_end(tmp_path, end):
    table = perturb_prompts(["a", "b"], [f"upper left{end}lung area"] * 2, "swap", 5, seed=0)
    write_prompts(tmp_path / "f.jsonl", table)
    assert read_prompts(tmp_path / "f.jsonl").equals(table)


def test_a_file_nested_too_deeply_is_made_again(tmp_path, capsys):
    path = tmp_path / "swap-1.jsonl"
    path.write_text("[" * 100_000)
    assert frozen_prompts(path, NAMES, PROMPTS, "swap", 1, 0).equals(perturb_prompts(NAMES, PROMPTS, "swap", 1, 0))
    assert "swap-1.jsonl: damaged (line 1: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (None, "^image b: prompt None is not a string; give an empty one"),
        ("left \ud800 lung", r"^image b: prompt 'left \\ud800 lung': half a character at position 5"),
    ],
)
def test_a_prompt_that_is_not_text_is_named_by_its_image(prompt, message):
    with pytest.raises(metrics.InputError, match=message) as error:
        perturb_prompts(["a", "b"], ["left lung", prompt], "swap", 1, seed=0)
    assert "\n" not in str(error.value)


@given(st.text(max_size=12), st.text(max_size=12))
def test_levenshtein_is_a_distance_from_the_definition(a, b):
    def slow(x, y):
        if not x or not y:
            return len(x) + len(y)
        if x[-1] == y[-1]:
            return slow(x[:-1], y[:-1])
        return 1 + min(slow(x[:-1], y), slow(x, y[:-1]), slow(x[:-1], y[:-1]))

    assert levenshtein(a[:5], b[:5]) == slow(a[:5], b[:5])
    assert levenshtein(a, b) == levenshtein(b, a) and (levenshtein(a, b) == 0) == (a == b)
