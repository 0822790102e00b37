"""The recipe `follow`: what each ingredient gives an image, how often, and that names alone decide it."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from c2seg_bench.engine.inputs.follow import FollowedPrompts, edited_prompts
from c2seg_bench.referring import Example
from c2seg_bench.suite import Cell, Follow, Noise, Suite, Train
from tests.c2seg_bench.engine.training.test_step import Waits

IMAGES, SIZE = 400, 8
OWN, PART, NOWHERE, MIRRORED, NO_PROMPT = range(5)  # rows of the table
PROMPTS = ["own", "part", "nowhere", "mirrored", ""]
KEY = ("suite", "data", "cell", "0")


class Table:
    def rows(self, prompts):
        return np.array([PROMPTS.index(p) for p in prompts], int)


def masks():
    """In every image a bar of two pixels at the left and one of three at the right of it."""
    out = np.zeros((IMAGES, SIZE, SIZE), np.uint8)
    out[:, 1:3, 0] = out[:, 4:7, 3] = 1
    return out


def examples(images=range(IMAGES)):
    for row in images:
        yield Example(row, "part", "part", False, (2,))
        yield Example(row, "nowhere", "nowhere", False, None)
        yield Example(row, "mirrored", "mirrored", True, None)


def followed(key=KEY, known=None, **shares) -> FollowedPrompts:
    known = list(examples()) if known is None else known
    return FollowedPrompts(Follow(**shares), known, Table(), np.zeros(IMAGES, int), masks(), key)


def applied(edits, images=None):
    """Images and targets of all images after the edits."""
    images = torch.arange(SIZE).expand(IMAGES, 3, SIZE, SIZE).float() if images is None else images
    images, targets = edits.applied(images, torch.from_numpy(masks())[:, None].float())
    return images, targets[:, 0].bool().numpy()


@pytest.mark.parametrize(
    ("ingredient", "row", "flips", "target"),
    [
        ("part", PART, False, lambda mask: mask & (np.arange(SIZE) == 3)),
        ("nowhere", NOWHERE, False, np.zeros_like),
        ("mirrored", MIRRORED, True, lambda mask: mask[:, ::-1]),
        ("no_prompt", NO_PROMPT, False, lambda mask: mask),
    ],
)
def test_each_ingredient_has_its_prompt_image_and_target(ingredient, row, flips, target):
    edits = followed(**{ingredient: 1.0})(np.arange(IMAGES), epoch=0)
    assert set(edits.prompts) == {row} and set(edits.flipped) == {flips}
    images, targets = applied(edits)
    assert images[0, 0, 0].tolist() == list(range(SIZE))[:: -1 if flips else 1]
    np.testing.assert_array_equal(targets, [target(mask) for mask in masks().astype(bool)])


def test_the_shares_are_those_of_the_recipe():
    shares = {"part": 0.3, "nowhere": 0.2, "mirrored": 0.1, "no_prompt": 0.15}
    edits = followed(**shares)
    often = np.bincount(np.concatenate([edits(np.arange(IMAGES), epoch).prompts for epoch in range(10)]), minlength=5)
    for row, share in zip((OWN, PART, NOWHERE, MIRRORED, NO_PROMPT), (0.25, *shares.values()), strict=True):
        drawn, spread = often[row] / often.sum(), (share * (1 - share) / often.sum()) ** 0.5
        assert abs(drawn - share) < 4 * spread


def test_an_image_that_admits_no_such_prompt_keeps_its_own():
    known = [Example(row, "part", "part", False, (1,)) for row in range(0, IMAGES, 2)]
    edits = followed(known=known, part=1.0)(np.arange(IMAGES), 0)
    assert edits.prompts.tolist() == [PART, OWN] * (IMAGES // 2)
    np.testing.assert_array_equal(edits.changed, np.arange(0, IMAGES, 2))
    np.testing.assert_array_equal(applied(edits)[1][1], masks()[1])


def test_every_example_of_an_image_is_met():
    known = [Example(0, "part", "part", False, (k,)) for k in (1, 2)]
    edits = followed(known=known, part=1.0)
    met = {edits(np.array([0]), epoch).targets.sum() for epoch in range(20)}
    assert met == {2, 3}  # pixels of either bar


def test_edits_depend_on_cell_epoch_and_image_and_not_on_the_batch():
    shares = {"part": 0.3, "nowhere": 0.2, "mirrored": 0.2, "no_prompt": 0.1}
    edits, images = followed(**shares), np.arange(IMAGES)
    whole = edits(images, 3)
    parts = [edits(some, 3) for some in (images[:7], images[7:])]
    np.testing.assert_array_equal(np.concatenate([part.prompts for part in parts]), whole.prompts)
    np.testing.assert_array_equal(np.concatenate([part.targets for part in parts]), whole.targets)
    back = edits(images[::-1], 3)
    np.testing.assert_array_equal(back.prompts[::-1], whole.prompts)
    np.testing.assert_array_equal(back.flipped[::-1], whole.flipped)
    assert (edits(images, 4).prompts != whole.prompts).any()
    assert (followed(("suite", "data", "cell", "1"), **shares)(images, 3).prompts != whole.prompts).any()


def test_what_is_edited_is_known_to_the_host_so_that_it_waits_for_no_device():
    edits = followed(part=0.4, mirrored=0.4)(np.arange(IMAGES), 0)
    with Waits() as waits:
        edits.applied(torch.zeros(IMAGES, 3, SIZE, SIZE), torch.zeros(IMAGES, 1, SIZE, SIZE))
    assert waits.reads == []


def test_images_and_masks_of_the_feed_stay_as_they_are():
    images, targets = torch.rand(IMAGES, 3, SIZE, SIZE), torch.from_numpy(masks())[:, None].float()
    before = images.clone(), targets.clone()
    followed(nowhere=0.5, mirrored=0.5)(np.arange(IMAGES), 0).applied(images, targets)
    assert torch.equal(images, before[0]) and torch.equal(targets, before[1])


def test_only_the_prompts_of_what_is_switched_on_are_embedded():
    assert edited_prompts(examples(), Follow(part=0.1)) == {"part"}
    assert edited_prompts(examples(), Follow(nowhere=0.1, no_prompt=0.1)) == {"nowhere", ""}
    assert edited_prompts(examples(), Follow(agree=0.1)) == set()


@pytest.mark.parametrize(
    ("follow", "message"),
    [
        ({"part": 0.7, "nowhere": 0.4}, "the shares add up to 1.1; together they are at most 1"),
        ({}, "nothing is given; give part, nowhere, mirrored, no_prompt, agree, or leave the key out"),
        (
            {"part": 0.1, "empty": 1.0},
            "empty is given and nowhere is not: no target would be empty; give nowhere a share",
        ),
        ({"part": -0.1}, "greater than or equal to 0"),
        ({"parts": 0.1}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_is_refused(follow, message):
    with pytest.raises(ValidationError, match=message):
        Train(follow=follow)


def test_agreement_needs_wordings_and_takes_those_of_noise_where_they_are_given():
    assert Train(follow={"part": 0.1}).wordings is None
    assert Train(follow={"agree": 0.1}).wordings == Noise()
    noise = {"share": 0.2, "families": ["swap"]}
    assert Train(follow={"agree": 0.1}, noise=noise).wordings == Noise(**noise)


@pytest.mark.parametrize(
    ("start", "epochs", "first"), [(0, 8, 0), (0.5, 8, 4), (0.5, 1, 0), (0.99, 4, 3), (2 / 3, 12, 8)]
)
def test_edits_begin_at_the_latest_in_the_last_epoch(start, epochs, first):
    assert Follow(part=0.1, start=start).first_epoch(epochs) == first


@pytest.mark.parametrize(("train", "same"), [({}, True), ({"follow": {"part": 0.2}}, False)])
def test_the_recipe_is_part_of_what_a_checkpoint_stands_for(tmp_path, train, same):
    datasets = {"p": {"source": "phantom", "size": 32}}
    plain = Suite(name="s", datasets=datasets, methods=["lvit"])
    other = Suite(name="s", datasets=datasets, methods=[{"name": "lvit", "train": train}])
    one, two = (Cell(s, "p", s.methods[0], 0, tmp_path).request() for s in (plain, other))
    assert (one["train"] == two["train"]) == same and "follow" not in one["train"]
