import torch

from baselines.contract import TextBatch
from baselines.layers.prompt_tokens import mean_of_words, readable
from tests.baselines.base import prompts


def test_real_tokens_stay_and_pads_are_blank():
    text = prompts(3, 5)
    filled = torch.where(text.mask.unsqueeze(-1), text.tokens, torch.nan)
    safe = readable(TextBatch(text.ids + ~text.mask * 7, text.mask, filled, text.pooled))
    assert torch.equal(safe.tokens, text.tokens) and torch.equal(safe.ids, text.ids)
    assert torch.equal(safe.mask, text.mask) and torch.equal(safe.pooled, text.pooled)


def test_an_empty_prompt_has_one_blank_token():
    for text in (prompts(0, 5), prompts(0, 5)[torch.tensor([0, 0])], prompts(0, width=0)):
        safe = readable(text)
        for row in range(len(text)):
            if not text.mask[row].any():
                assert safe.mask[row].tolist() == [True] + [False] * (safe.mask.shape[1] - 1)
                assert not safe.tokens[row].any() and not safe.ids[row].any()


def test_the_limit_cuts():
    text, safe = prompts(2, 9), readable(prompts(2, 9), 4)
    assert safe.mask.sum(1).tolist() == [2, 4]
    assert torch.equal(safe.tokens, text.tokens[:, :4])


def test_mean_runs_over_real_tokens():
    text = prompts(2, 9, 0)
    expected = torch.stack([text.tokens[0, :2].mean(0), text.tokens[1, :9].mean(0), torch.zeros(48)])
    torch.testing.assert_close(mean_of_words(text.tokens + ~text.mask.unsqueeze(-1) * 5, text.mask), expected)
