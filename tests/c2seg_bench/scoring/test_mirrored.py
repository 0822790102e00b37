"""Left and right: a frame is mirrored if the experts' masks say so; predictions may be mirrored without it."""

import cv2
import pytest

from tests.c2seg_bench.scoring.score_command import LEFT, blob, run, save

RIGHT = LEFT.replace("left", "right")


def mask_on(side):
    mask = blob(0, (60, 60)) & False
    mask[45:55, slice(5, 20) if side == "left" else slice(40, 55)] = True
    return mask


@pytest.fixture
def sided(tmp_path):
    """Twenty pairs whose prompts name the side: `write(experts, predictions)` puts the masks on it or on the other."""
    (tmp_path / "p.csv").write_text(
        "image,prompt\n" + "".join(f'{k},"{(LEFT, RIGHT)[k % 2]}"\n' for k in range(20)), encoding="utf-8"
    )

    def write(experts, predictions):
        for k in range(20):
            stated, other = ("left", "right") if k % 2 == 0 else ("right", "left")
            save(tmp_path / "targets" / f"{k}.png", mask_on(stated if experts == "stated" else other))
            save(tmp_path / "preds" / f"{k}.png", mask_on(stated if predictions == "stated" else other))
        return run(tmp_path, "--prompts", tmp_path / "p.csv")[0].stderr.splitlines()

    return write


def test_experts_on_the_other_side_are_a_mirrored_frame(sided):
    lines = sided(experts="other", predictions="other")
    assert len(lines) == 1 and lines[0].startswith(
        "warning: frame thirds: prompts of one side have most of the lesion on that side in 0 of 20 images"
    )


def test_the_frame_is_judged_by_the_experts_even_where_predictions_agree_with_it(sided):
    lines = sided(experts="other", predictions="stated")
    assert len(lines) == 1 and lines[0].startswith("warning: frame thirds: ")


def test_predictions_on_the_other_side_are_called_mirrored_and_the_frame_is_not(sided):
    lines = sided(experts="stated", predictions="other")
    assert lines == [
        "warning: predictions may be mirrored: 0 of 20 are on the side that their prompt states, of the experts' masks "
        "20 of 20; flip the predictions left to right if they were saved flipped"
    ]


def test_nothing_is_said_where_both_agree(sided):
    assert sided(experts="stated", predictions="stated") == []


def test_a_few_predictions_on_the_other_side_are_no_pattern(sided, tmp_path):
    sided(experts="stated", predictions="stated")
    for k in range(8):
        path = tmp_path / "preds" / f"{k}.png"
        save(path, cv2.imread(str(path), 0)[:, ::-1] > 0)
    assert run(tmp_path, "--prompts", tmp_path / "p.csv")[0].stderr == ""
