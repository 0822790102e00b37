"""DualA against its formulas, token by token and pixel by pixel."""

import torch

from c2seg_bench.model.dual_attention import DualAttention

WIDTH, TEXT, PIXELS, TOKENS = 4, 6, 5, 3


def by_hand(module, vision, tokens):
    """F_v and the updated tokens of one image and its real tokens only."""
    key, value = module.vision_key(vision), module.vision_value(vision)  # (P, C)
    text_key = module.text_key(tokens)
    updated = []
    for n in range(len(tokens)):
        weights = torch.softmax(torch.stack([key[p] @ text_key[n] / WIDTH**0.5 for p in range(PIXELS)]), 0)
        updated.append(tokens[n] + module.update(sum(weights[p] * value[p] for p in range(PIXELS))))
    updated = torch.stack(updated)
    text_key, text_value = module.text_key(updated), module.text_value(updated)
    rows = []
    for p in range(PIXELS):
        weights = torch.softmax(torch.stack([key[p] @ k / WIDTH**0.5 for k in text_key]), 0)
        rows.append(sum(w * v for w, v in zip(weights, text_value, strict=True)))
    return torch.stack(rows), updated


def test_tokens_read_pixels_first_and_pads_take_no_part():
    torch.manual_seed(0)
    module, vision, tokens = DualAttention(WIDTH, TEXT), torch.randn(2, PIXELS, WIDTH), torch.randn(2, TOKENS, TEXT)
    mask = torch.tensor([[True, True, True], [True, True, False]])
    by_words, updated = module(module.project_vision(vision), tokens, mask)
    for i in range(2):
        expected, expected_tokens = by_hand(module, vision[i], tokens[i, mask[i]])
        torch.testing.assert_close(by_words[i], expected, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(updated[i, mask[i]], expected_tokens, atol=1e-6, rtol=1e-5)
    assert torch.equal(updated[1, 2], tokens[1, 2])


def test_an_empty_prompt_adds_nothing():
    torch.manual_seed(0)
    module, vision, tokens = DualAttention(WIDTH, TEXT), torch.randn(1, PIXELS, WIDTH), torch.randn(1, TOKENS, TEXT)
    by_words, updated = module(module.project_vision(vision), tokens, torch.zeros(1, TOKENS, dtype=torch.bool))
    assert not by_words.any() and torch.equal(updated, tokens)
