"""C2Seg as a method, its size, and every part of it that the ablation takes out."""

import pytest
import torch

from baselines.contract import TextSpec
from baselines.errors import InputError
from baselines.layers.kan import KANLinear
from baselines.registry import build
from c2seg_bench.model.cacl import cacl_loss
from c2seg_bench.model.kgate import KGate
from tests.baselines.base import SPEC, MethodTest, images, prompts


class TestC2Seg(MethodTest):
    name = "c2seg"


@pytest.mark.slow
def test_size_paper_has_the_published_count():
    model = build("c2seg", "paper", TextSpec(512, 77, 49408), 224)
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) / 1e6 == pytest.approx(18.92, rel=0.03)


def weights(**options):
    return sum(p.numel() for p in build("c2seg", "tiny", SPEC, 64, **options).parameters())


def test_each_step_of_the_ablation_adds_weights():
    without = weights(attention="none")
    one_way = weights(attention="one-way", gate=False)
    both = weights(attention="bcam", gate=False)
    assert without < one_way < both < weights(attention="bcam", gate=True)


def test_without_attention_the_text_is_not_read():
    model = build("c2seg", "tiny", SPEC, 64, attention="none").eval()
    assert not model.card.uses_text
    assert build("c2seg", "tiny", SPEC, 64).card.uses_text  # the class's own card is as it was
    with torch.no_grad():
        one, other = (model(images(1), prompts(5, seed=s)) for s in (1, 2))
    assert torch.equal(one, other)


def test_levels_decide_where_the_words_come_in():
    assert weights(levels=[32]) < weights(levels=[16, 32]) < weights(levels=[8, 16, 32])
    with pytest.raises(InputError, match=r"levels \[7\]: expected some of 2, 4, 8, 16, 32, each once"):
        weights(levels=[7])
    with pytest.raises(InputError, match=r"levels \[8, 8\]: expected .*each once"):
        weights(levels=[8, 8])
    with pytest.raises(InputError, match="attention 'both' is unknown; there are: none, one-way, dual, bcam"):
        weights(attention="both")


def test_pretraining_is_cacl_on_normalised_embeddings_and_hard_at_rho_0():
    model, image, text = build("c2seg", "tiny", SPEC, 64).eval(), images(3), prompts(3, 12, 7)
    embedded = model.embed_image(image)
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(3))
    pooled = torch.nn.functional.normalize(text.pooled, dim=1)
    torch.testing.assert_close(model.pretrain_loss(image, text), cacl_loss(embedded, pooled, 0.07, 0.8))
    scores = embedded @ pooled.T / 0.07
    hard = sum(torch.nn.functional.cross_entropy(s, torch.arange(3)) for s in (scores, scores.T))
    torch.testing.assert_close(model.pretrain_loss(image, text, rho=0.0), hard)


def test_the_image_encoder_has_its_own_learning_rate():
    groups = build("c2seg", "tiny", SPEC, 64, encoder_lr=0.1).param_groups(1e-3, 0.0)
    assert [g["lr"] for g in groups] == [pytest.approx(1e-4), 1e-3]
    with pytest.raises(InputError, match=r"encoder_lr -1\.0: expected a number above 0"):
        build("c2seg", "tiny", SPEC, 64, encoder_lr=-1.0)


def test_grid_and_span_are_those_of_all_its_kan_layers():
    model = build("c2seg", "tiny", SPEC, 64, grid=9, span=[-3, 3])
    layers = [m for m in model.modules() if isinstance(m, KANLinear)]
    assert len(layers) > 20
    assert {(layer.grid, layer.span) for layer in layers} == {(9, (-3.0, 3.0))}


def test_the_gate_multiplies_what_it_was_computed_from():
    x = 3 * torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0)) + 1
    for norm in (False, True):
        gate = KGate(8, norm=norm)
        f = torch.nn.functional.layer_norm(x, (8,)) if norm else x
        torch.testing.assert_close(gate(x), f * torch.tanh(gate.second(torch.relu(gate.first(f)))))


class TestDualAttention(MethodTest):
    name, options = "c2seg", {"attention": "dual"}


class TestNoTargetToken(MethodTest):
    name, options = "c2seg", {"no_target_token": True}


def test_the_pretraining_has_the_full_rate_for_every_parameter():
    model = build("c2seg", "paper", SPEC, 64)
    (group,) = model.pretrain_groups(1e-4, 0.0)
    assert group["lr"] == 1e-4 and len(group["params"]) == len(list(model.parameters()))
    assert min(g["lr"] for g in model.param_groups(1e-4, 0.0)) == pytest.approx(1e-5)


def deep_share(residual):
    """How much of what another image changes in the logits comes through the maps at 1/8 to 1/32, with first weights."""
    torch.manual_seed(0)
    model, text = build("c2seg", "paper", SPEC, 64, residual=residual).eval(), prompts(5)
    with torch.no_grad():
        (maps, projected), (other, other_projected) = (model.encode_image(images(1, seed=seed)) for seed in (0, 1))
        own, changed = model.decode((maps, projected), text), model.decode((other, other_projected), text)
        deep_changed = model.decode((maps[:2] + other[2:], other_projected), text)
    return float((deep_changed - own).norm() / (changed - own).norm())


def test_with_the_residual_the_image_reaches_the_mask_through_the_fused_levels():
    assert deep_share(residual=True) > 100 * deep_share(residual=False)
