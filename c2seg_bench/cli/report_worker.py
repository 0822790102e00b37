"""What the processes of `report` need: imported once, by the server that they are forked from."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there is a process per core: more threads would only wait

from c2seg_bench.cli.light import import_spacy_without_torch  # noqa: E402

import_spacy_without_torch()

import fontTools.subset  # noqa: E402, F401
import matplotlib.backends.backend_pdf  # noqa: E402, F401
import scipy.special  # noqa: E402, F401

import c2seg_bench.results.write  # noqa: E402, F401
import reports.write  # noqa: E402, F401
from c2seg_bench.stress import FAMILIES  # noqa: E402
from metrics.consistency.reader.tokens import tokenizer  # noqa: E402
from metrics.ranking import places  # noqa: E402
from reports.figures.glyphs import families  # noqa: E402

families()  # reads matplotlib's list of fonts
places({"a": [0.0, 1.0], "b": [1.0, 1.0]}, seed=0, n=1)  # loads what numba has compiled
tokenizer()
len(FAMILIES)  # looks for those of other distributions
gc.freeze()  # what is imported stays: to look through it again would copy its pages into each process
