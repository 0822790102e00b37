import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.gloria import SCALE, focal_log_dice
from baselines.layers.contrastive_losses import cosines, matching, word_similarity
from baselines.registry import build
from tests.baselines.base import SPEC, ContrastTest, MethodTest, images, prompts, targets


class TestGLoRIA(ContrastTest):
    name = "gloria"


class TestGLoRIAOfficial(MethodTest):
    name, options = "gloria", {"recipe": "official"}


def test_the_published_count_includes_the_projection_of_the_image():
    bert = TextSpec(dim=768, length=24, vocab=30522)
    model = build("gloria", "paper", bert, 224)
    projection = sum(p.numel() for p in model.project_image.parameters()) / 1e6
    assert count(model, bert, 224)["thop"] == pytest.approx(43.9, abs=0.1)
    assert count(model, bert, 224)["thop"] + projection == pytest.approx(45.6, rel=0.01)


def test_word_similarity_from_its_definition():
    torch.manual_seed(0)
    regions, words = torch.randn(2, 6, 4), torch.randn(2, 3, 4)
    mask = torch.tensor([[True, True, False], [True, True, True]])
    similarity = word_similarity(regions, words, mask)
    for image in range(2):
        for text in range(2):
            own = words[text][mask[text]]
            scores = torch.stack([torch.stack([r @ w for w in own]) for r in regions[image]])  # (regions, words)
            share = torch.stack([row.softmax(0) for row in scores])
            total = 0.0
            for j, word in enumerate(own):
                look = (4 * share[:, j]).softmax(0)
                seen = sum(a * r for a, r in zip(look, regions[image], strict=True))
                total += math.exp(5 * float(F.cosine_similarity(seen, word, dim=0)))
            assert float(similarity[image, text]) == pytest.approx(math.log(total), abs=1e-4)


def test_a_pair_that_takes_no_part_is_as_if_it_were_not_there():
    torch.manual_seed(0)
    similarity = torch.randn(4, 4, requires_grad=True)
    kept = torch.tensor([True, False, True, True])
    torch.testing.assert_close(matching(similarity, 0.75, kept), matching(similarity[kept][:, kept], 0.75))
    torch.testing.assert_close(matching(similarity, 0.75, kept | True), matching(similarity, 0.75), rtol=0, atol=0)
    nobody = matching(similarity, 0.75, kept & False)
    nobody.backward()
    assert nobody.item() == 0 and not similarity.grad.any()


def test_word_similarity_is_float32_under_autocast():
    torch.manual_seed(0)
    given = torch.randn(2, 6, 16), torch.randn(2, 3, 16), torch.ones(2, 3, dtype=torch.bool)
    expected = word_similarity(*given)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        similarity = word_similarity(*given)
    assert similarity.dtype == torch.float32 and torch.equal(similarity, expected)


def test_a_joint_width_of_zero_is_refused():
    with pytest.raises(InputError, match="gloria: joint 0: expected a whole number, 1 or more"):
        build("gloria", "tiny", SPEC, 64, joint=0)


def test_local_loss_leaves_empty_prompts_out():
    model = build("gloria", "tiny", SPEC, 64).eval()
    for lengths in ((0, 5, 7), (0, 0, 0)):
        loss = model.pretrain_loss(images(3), prompts(*lengths))
        model.zero_grad()
        loss.backward()
        assert loss.isfinite()
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def test_official_loss_from_its_definition():
    logits, target = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)), targets(2, 8)
    p = logits.sigmoid()
    right = torch.where(target == 1, p, 1 - p)
    focal = ((1 - right) ** 2 * -right.log()).mean()
    dice = (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)
    torch.testing.assert_close(focal_log_dice(logits, target), 10 * focal - dice.log())
    model = build("gloria", "tiny", SPEC, 64, recipe="official").eval()
    image, text = images(2), prompts(5, 9)
    with torch.no_grad():
        expected = focal_log_dice(model(image, text), targets(2))
        torch.testing.assert_close(model.loss(image, text, targets(2)), expected)


def test_contrastive_losses_are_those_of_the_official_code():
    """Numbers from gloria/loss/gloria_loss.py of marshuang80/gloria@4164660 on the same inputs."""

    def normal(seed, *shape):
        return torch.from_numpy(np.random.RandomState(seed).standard_normal(shape)).float()

    regions = (0.3 * normal(1, 4, 16, 3, 3)).flatten(2).transpose(1, 2)
    words = (0.3 * normal(2, 4, 16, 7)).transpose(1, 2)
    mask = torch.arange(7) < torch.tensor([7, 3, 5, 4])[:, None]
    local = 2 * matching(SCALE * word_similarity(regions, words, mask))
    whole = 2 * matching(SCALE * cosines(normal(3, 4, 16), normal(4, 4, 16)))
    assert float(local) == pytest.approx(3.5917482 + 5.6335359, abs=1e-4)
    assert float(whole) == pytest.approx(3.2635350 + 3.2018380, abs=1e-4)
