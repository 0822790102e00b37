"""Noise of a whole split: by name and not by order, frozen in a file, and the same from the command line."""

import hashlib
import io
import json
import re

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from c2seg_bench.cli.main import main
from c2seg_bench.cli.perturb import edits, perturb
from c2seg_bench.errors import InputError
from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.apply import frozen_prompts, levenshtein, perturb_prompts, read_prompts, write_prompts

NAMES = [f"image_{i}" for i in range(12)]
PROMPTS = [f"Unilateral pulmonary infection, one infected area, {row} left lung" for row in ("upper", "lower")] * 6


def test_noise_follows_the_image_not_the_order():
    there = perturb_prompts(NAMES, PROMPTS, "keyboard", 3, seed=0)
    back = perturb_prompts(NAMES[::-1], PROMPTS[::-1], "keyboard", 3, seed=0)
    assert there.set_index("image")["prompt"].to_dict() == back.set_index("image")["prompt"].to_dict()
    assert there["prompt"].tolist() != perturb_prompts(NAMES, PROMPTS, "keyboard", 3, seed=1)["prompt"].tolist()


def test_other_prompt_is_always_another():
    table = perturb_prompts(NAMES, PROMPTS, "other_prompt", 1, seed=0)
    assert table["changed"].all() and set(table["prompt"]) == set(PROMPTS)


def test_the_file_gives_back_what_was_frozen(tmp_path):
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
    with pytest.raises(InputError, match=r"swap-5\.jsonl: line 1: the prompt is not the one that was hashed"):
        read_prompts(path)


def test_a_rerun_uses_the_frozen_file_until_what_it_is_of_changes(tmp_path):
    path, asked = tmp_path / "swap-5.jsonl", (NAMES, PROMPTS, "swap", 5)
    first = frozen_prompts(path, *asked, seed=0)
    assert first.equals(perturb_prompts(*asked, seed=0))
    mine = first.assign(prompt="as I froze it", sha=hashlib.sha256(b"as I froze it").hexdigest()[:16])
    write_prompts(path, mine)
    assert frozen_prompts(path, *asked, seed=0).equals(mine)
    assert frozen_prompts(path, *asked, seed=1).equals(perturb_prompts(*asked, seed=1))
    other = (NAMES, PROMPTS[::-1], "swap", 5)
    assert (
        frozen_prompts(path, *other, seed=1).equals(perturb_prompts(*other, seed=1)) and len(read_prompts(path)) == 12
    )
    path.write_text(path.read_text().replace("left", "right"))
    with pytest.raises(InputError, match=r"swap-5\.jsonl: line .: the prompt is not the one that was hashed"):
        frozen_prompts(path, *other, seed=1)


@pytest.mark.parametrize("end", ["\u2028", "\u0085", "\x0b", "\x0c", "\r"])
def test_a_prompt_may_hold_any_line_end(tmp_path, end):
    table = perturb_prompts(["a", "b"], [f"upper left{end}lung area"] * 2, "swap", 5, seed=0)
    write_prompts(tmp_path / "f.jsonl", table)
    assert read_prompts(tmp_path / "f.jsonl").equals(table)


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


app = typer.Typer()
app.command()(perturb)


def test_a_line_out_for_a_line_in_whatever_the_order(tmp_path):
    (tmp_path / "there.txt").write_text("\n".join(PROMPTS[:2]) + "\n")
    (tmp_path / "back.txt").write_text("\n".join(PROMPTS[1::-1]) + "\n")
    call = ["--family", "delete", "--severity", "3", "--seed", "4", "--file"]
    there, back = (
        CliRunner().invoke(app, [*call, str(tmp_path / f)]).stdout.splitlines() for f in ("there.txt", "back.txt")
    )
    assert len(there) == 2 and there == back[::-1]
    assert CliRunner().invoke(app, [*call[:-1], PROMPTS[0]]).stdout.splitlines() == there[:1]


def test_list_names_every_family_first_on_its_line():
    lines = CliRunner().invoke(app, ["--list"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(FAMILIES)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["--json", "text"], "--family: none given"),
        (["--family", "swap"], "give one prompt as TEXT, or --file"),
        (["--family", "swop", "text"], "did you mean 'swap'"),
        (["--family", "swop", "--file", "-"], "did you mean 'swap'"),
        (["--family", "swap", "--severity", "9", "--file", "-"], "--severity 9: give 1 to 5"),
        (["--family", "swap", "--file", "nowhere.txt"], "nowhere.txt: cannot be read"),
        (["--family", "swap", "--file", "prompts.csv"], "prompts.csv: a table; give a text file"),
        (["--family", "swap", "two\nlines"], "TEXT has more than one line"),
        (["--family", "swap", "-"], "TEXT is -; prompts from stdin, one per line, are --file -"),
        (["--family", "swap", "left \udcff lung"], "TEXT is not UTF-8"),
        (["--page", "p.md", "--file", "-"], "--file -: no prompt in it"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(call, words, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SystemExit) as left:
        main(["perturb", *call])
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1


def through(data: bytes, *call: str) -> list[str]:
    return CliRunner().invoke(app, [*call, "--file", "-"], input=data).stdout.removesuffix("\n").split("\n")


def test_a_pipe_gives_a_line_for_a_line_whatever_is_in_it():
    call = ("--family", "case", "--severity", "1")
    lines = ["upper left\u2028lung area", "", "lower\x0bright lung", "mid\u0085dle left"]
    out = through("\n".join(lines).encode(), *call)
    assert len(out) == 4 and out[1] == "" and "\u2028" in out[0]
    assert through("\ufeffupper left lung\r\n".encode(), *call) == through(b"upper left lung", *call)
    assert CliRunner().invoke(app, [*call, "--file", "-"], input=b"").stdout == ""
    bad = CliRunner().invoke(app, [*call, "--file", "-"], input=b"left \xff lung")
    assert "--file -: cannot be read" in str(bad.exception)


def test_one_text_is_shown_with_what_each_family_takes_out_and_adds():
    text = "Bilateral pulmonary infection, two infected areas, upper left lung"
    lines = CliRunner().invoke(app, [text, "--severity", "1"]).stdout.splitlines()
    assert lines[0].strip() == text and len(lines) == 1 + len(FAMILIES)
    shown = {line.split()[1]: line[25:] for line in lines[1:]}
    assert shown["other_prompt"] == f"{text} (unchanged)"
    assert shown["empty"] == f"[-{text}-]"
    for name, line in shown.items():
        added = re.sub(r"\[-(.*?)-\]", "", line).replace("{+", "").replace("+}", "").removesuffix(" (unchanged)")
        asked = CliRunner().invoke(app, [text, "--family", name]).stdout
        assert added == asked.removesuffix("\n"), name
        kept = re.sub(r"\{\+(.*?)\+\}", "", line).replace("[-", "").replace("-]", "").removesuffix(" (unchanged)")
        assert kept == text, name


def test_long_texts_are_compared_word_by_word():
    words = [f"word{i}" for i in range(3000)]
    found = edits(" ".join(words), " ".join([*words[:1500], "more", *words[1501:]]))
    assert [part for part in found if part[0] != "kept"] == [("gone", "word1500"), ("added", "more")]
