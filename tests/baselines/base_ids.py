"""The shared tests, for methods that read the prompts' token ids instead of the frozen encoder's tokens."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from baselines.contract import TextBatch
from tests.baselines.base import MethodTest, images, prompts


class ReadsIdsTest(MethodTest):
    """As `MethodTest`; the same ids are padded to other widths, where `prompts` would draw others."""

    @torch.no_grad()
    def test_pads_do_not_matter(self) -> None:
        model, image, text = self.make().eval(), images(2), prompts(5, 9)
        expected = model(image, text)
        for width in (9, 15):
            torch.testing.assert_close(model(image, padded(text, width)), expected, rtol=0, atol=1e-5)
        other = TextBatch(torch.where(text.mask, text.ids, 7), text.mask, text.tokens, text.pooled)
        torch.testing.assert_close(model(image, other), expected, rtol=0, atol=1e-5)

    @torch.no_grad()
    def test_only_the_ids_are_read(self) -> None:
        model, image, text = self.make().eval(), images(2), prompts(5, 9)
        other = TextBatch(text.ids, text.mask, text.tokens + 1, text.pooled + 1)
        assert torch.equal(model(image, text), model(image, other))


def padded(text: TextBatch, width: int) -> TextBatch:
    """The same prompts, pads cut or added until they are `width` tokens wide."""
    more = width - text.ids.shape[1]
    ids, mask = F.pad(text.ids, (0, more)), F.pad(text.mask, (0, more))
    return TextBatch(ids, mask, F.pad(text.tokens, (0, 0, 0, more)), text.pooled)
