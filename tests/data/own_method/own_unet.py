"""A method as a user writes it: an ordinary U-Net in a file of its own, its blocks beside it."""

import torch
from own_blocks import block
from torch import nn

from baselines.contract import Card, Method
from baselines.registry import register


@register
class OwnUNet(Method):
    """An ordinary U-Net."""

    card = Card(
        name="own-unet",
        title="Own U-Net",
        year=2026,
        venue="-",
        link="-",
        uses_text=False,
        published=None,
        published_params=None,
        deviations=(),
    )
    sizes = {"paper": {"width": 64}, "tiny": {"width": 8}}

    def __init__(self, text, image_size, width=64):
        super().__init__(text, image_size)
        w = [width * 2**i for i in range(5)]
        self.first = block(3, w[0])
        self.down = nn.ModuleList(block(a, 2 * a) for a in w[:-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * a, a, 2, 2) for a in w[:-1])
        self.join = nn.ModuleList(block(2 * a, a) for a in w[:-1])
        self.head = nn.Conv2d(w[0], 1, 1)

    def encode_image(self, image):
        x, skips = self.first(image), []
        for down in self.down:
            skips.append(x)
            x = down(nn.functional.max_pool2d(x, 2))
        for up, join, skip in zip(reversed(self.up), reversed(self.join), reversed(skips), strict=True):
            x = join(torch.cat([skip, up(x)], 1))
        return self.head(x)

    def decode(self, features, text):
        return features
