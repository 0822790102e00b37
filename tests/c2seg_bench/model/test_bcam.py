"""BCAM and K-Gate against their formulas, written pixel by pixel and token by token."""

import pytest
import torch

from baselines.errors import InputError
from c2seg_bench.model.bcam import BCAM, project_text
from c2seg_bench.model.kgate import KGate

WIDTH, TEXT, PIXELS, TOKENS = 4, 6, 5, 3


@pytest.fixture
def case():
    torch.manual_seed(0)
    vision, tokens = torch.randn(2, PIXELS, WIDTH), torch.randn(2, TOKENS, TEXT)
    mask = torch.tensor([[True, True, True], [True, True, False]])
    return vision, tokens, mask


def by_hand(module, vision, tokens, mask):
    """F_v and F_l for one image and its real tokens only."""
    tokens = tokens[mask]
    vision_key, text_key = module.vision_key(vision), module.text_key(tokens)
    text_value, vision_value = module.text_value(tokens), module.vision_value(vision)
    a = torch.tensor([[float((p @ n).detach()) / WIDTH**0.5 for n in text_key] for p in vision_key])  # (P, N)
    vision_dominant = torch.stack(
        [sum(torch.softmax(row, 0)[n] * text_value[n] for n in range(len(tokens))) for row in a]
    )
    weight = sum(torch.softmax(a[:, n], 0) for n in range(len(tokens))) / len(tokens)  # (P,)
    return vision_dominant, weight[:, None] * vision_value


@pytest.mark.parametrize("kind", ["spline", "linear"])
def test_both_directions_are_the_papers_and_pads_do_not_count(case, kind):
    vision, tokens, mask = case
    module = BCAM(WIDTH, TEXT, kind=kind)
    directions = module(module.project_vision(vision), *project_text([module], tokens, mask)[0], mask)
    for i in range(2):
        for got, expected in zip(directions, by_hand(module, vision[i], tokens[i], mask[i]), strict=True):
            torch.testing.assert_close(got[i], expected, atol=1e-6, rtol=1e-5)


def test_scaled_language_path_is_the_papers_times_the_pixels(case):
    vision, tokens, mask = case
    plain, scaled = BCAM(WIDTH, TEXT), BCAM(WIDTH, TEXT, language_scale="pixels")
    scaled.load_state_dict(plain.state_dict())
    text = project_text([plain], tokens, mask)[0]
    torch.testing.assert_close(
        scaled(scaled.project_vision(vision), *text, mask)[1],
        PIXELS * plain(plain.project_vision(vision), *text, mask)[1],
    )


def test_one_way_has_no_language_path(case):
    vision, tokens, mask = case
    module = BCAM(WIDTH, TEXT, bidirectional=False)
    assert module(module.project_vision(vision), *project_text([module], tokens, mask)[0], mask)[1] is None
    assert not hasattr(module, "vision_value")


def test_a_prompt_without_a_token_is_attended_to_by_nothing(case):
    vision, tokens, _ = case
    module, nothing = BCAM(WIDTH, TEXT), torch.zeros(2, TOKENS, dtype=torch.bool)
    for direction in module(module.project_vision(vision), *project_text([module], tokens, nothing)[0], nothing):
        assert direction.abs().max() == 0


@pytest.mark.parametrize("option", [{"language_scale": "sqrt"}, {"kind": "fourier"}])
def test_unknown_choices_are_named(option):
    with pytest.raises(InputError, match=str(next(iter(option.values())))):
        BCAM(WIDTH, TEXT, **option)


def test_gate_is_tanh_of_two_kan_layers_times_its_input():
    torch.manual_seed(0)
    gate, x = KGate(WIDTH), torch.randn(2, PIXELS, WIDTH)
    torch.testing.assert_close(gate(x), x * torch.tanh(gate.second(gate.first(x).clamp_min(0))))
    assert (gate(x).abs() <= x.abs()).all()


def test_the_no_target_token_takes_part_as_one_more_word_and_is_all_that_an_empty_prompt_offers(case):
    vision, tokens, mask = case
    plain, module = BCAM(WIDTH, TEXT), BCAM(WIDTH, TEXT, no_target_token=True)
    module.load_state_dict(plain.state_dict(), strict=False)
    key, value = project_text([module], tokens, mask)[0]
    own_key, own_value = module.no_target.detach()
    more = torch.cat([key, own_key.expand(2, 1, -1)], 1), torch.cat([value, own_value.expand(2, 1, -1)], 1)
    expected = plain(plain.project_vision(vision), *more, torch.cat([mask, mask.new_ones(2, 1)], 1))[0]
    by_words, by_pixels = module(module.project_vision(vision), key, value, mask)
    torch.testing.assert_close(by_words, expected)
    torch.testing.assert_close(by_pixels, plain(plain.project_vision(vision), key, value, mask)[1])
    empty = module(module.project_vision(vision), 0 * key, 0 * value, torch.zeros_like(mask))[0]
    torch.testing.assert_close(empty, own_value.expand_as(empty))
