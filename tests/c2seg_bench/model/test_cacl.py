"""CaCL against the paper's formulas, written out as loops in double precision."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from c2seg_bench.model.cacl import cacl_loss, soft_targets

TAU, RHO = 0.07, 0.8


def embeddings(batch, width, seed):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(batch, width, generator=generator, dtype=torch.float64), dim=1)


def targets_by_hand(text, tau, rho):
    b = len(text)
    cosine = [[float(text[i] @ text[j]) for j in range(b)] for i in range(b)]
    rows = []
    for i in range(b):
        mean = sum(cosine[i]) / b
        exponent = [math.exp(max(c - mean, 0) / tau) for c in cosine[i]]
        rows.append([rho * e / sum(exponent) + (1 - rho) * (i == j) for j, e in enumerate(exponent)])
    return torch.tensor(rows, dtype=torch.float64)


def probabilities(image, text, tau):
    exponent = torch.exp(image @ text.T / tau)
    return exponent / exponent.sum(1, keepdim=True), exponent / exponent.sum(0, keepdim=True)


def loss_by_hand(image, text, tau, rho):
    y, b = targets_by_hand(text, tau, rho), len(text)
    over_texts, over_images = probabilities(image, text, tau)
    total = 0.0
    for i in range(b):
        for j in range(b):
            total += y[i, j] * math.log(over_texts[i, j]) + y[j, i] * math.log(over_images[i, j])
    return -total / b


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(2, 6), st.integers(0, 999), st.floats(0.05, 1), st.floats(0, 1))
def test_targets_are_the_papers(batch, width, seed, tau, rho):
    text = embeddings(batch, width, seed)
    torch.testing.assert_close(soft_targets(text, tau, rho), targets_by_hand(text, tau, rho), atol=1e-8, rtol=0)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(2, 6), st.integers(0, 999), st.floats(0.05, 1), st.floats(0, 1))
def test_loss_is_the_papers(batch, width, seed, tau, rho):
    image, text = embeddings(batch, width, seed), embeddings(batch, width, seed + 1)
    assert float(cacl_loss(image, text, tau, rho)) == pytest.approx(
        float(loss_by_hand(image, text, tau, rho)), abs=1e-8
    )


def test_gradient_of_the_similarities_is_the_papers():
    """dL/ds_ij = ((P_v2l - Y)_ij + (P_l2v - Y^T)_ij) / (B tau), and s = v l^T, so dL/dv = (dL/ds) l."""
    image, text = embeddings(6, 5, 3).requires_grad_(), embeddings(6, 5, 4)
    cacl_loss(image, text, TAU, RHO).backward()
    y = targets_by_hand(text, TAU, RHO)
    over_texts, over_images = probabilities(image.detach(), text, TAU)
    of_similarity = ((over_texts - y) + (over_images - y.T)) / (len(text) * TAU)
    torch.testing.assert_close(image.grad, of_similarity @ text, atol=1e-8, rtol=0)


def test_equal_texts_are_equally_right_but_for_the_diagonal():
    text = embeddings(4, 5, 0)[[0, 0, 1, 2]]
    y = soft_targets(text, TAU, RHO)
    assert y[0, 0] - y[0, 1] == pytest.approx(1 - RHO)
    torch.testing.assert_close(y.sum(1), torch.ones(4, dtype=torch.float64))


def test_no_softness_is_the_hard_contrastive_loss():
    image, text = embeddings(7, 5, 1), embeddings(7, 5, 2)
    logits, own = image @ text.T / TAU, torch.arange(7)
    hard = F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)
    assert float(cacl_loss(image, text, TAU, rho=0)) == pytest.approx(float(hard), abs=1e-8)


def test_the_text_encoder_stays_frozen():
    text = embeddings(4, 5, 0).requires_grad_()
    assert not soft_targets(text, TAU, RHO).requires_grad


def test_autocast_does_not_round_its_products():
    text = F.normalize(1 + 0.02 * torch.randn(64, 32, generator=torch.Generator().manual_seed(3)), dim=1)
    image = F.normalize(torch.randn(64, 32, generator=torch.Generator().manual_seed(4)), dim=1)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(cacl_loss(image, text), _outside(image, text))


def _outside(image, text):
    with torch.autocast("cpu", enabled=False):
        return cacl_loss(image, text)
