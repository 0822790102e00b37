"""Reading one mask alone, as an expert's."""

from c2seg_bench.data.masks.mask_reader import MaskReader


def read_mask(path):
    return MaskReader([path]).read(path)
