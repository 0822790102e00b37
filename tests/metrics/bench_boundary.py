"""Time of boundary distances for twelve kinds of pairs, beside scipy's and OpenCV's transforms, and of HD95 + ASSD beside
medpy's. Prints a table: PYTHONPATH=. python tests/metrics/bench_boundary.py
"""

import time

import cv2
import numpy as np
from medpy.metric import binary as medpy
from scipy.ndimage import binary_erosion, distance_transform_edt, gaussian_filter

from metrics.pair import MaskPair
from metrics.table import score_pair


def kinds(size):
    """name -> (pred, target)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size]

    def disc(cy, cx, radius):
        return (y - cy * size) ** 2 + (x - cx * size) ** 2 < (radius * size) ** 2

    field = gaussian_filter(rng.standard_normal((size, size)), size / 16)
    other = field + 0.3 * field.std() * gaussian_filter(rng.standard_normal((size, size)), 5) / 0.06
    first, second = (f > np.quantile(f, 0.9) for f in (field, other))
    checks, column = (x + y) % 2 == 0, x == size - 1
    return {
        "blobs that nearly agree": (first, second),
        "with stray pixels": (first, second ^ (rng.random(first.shape) < 0.0005)),
        "discs far apart": (disc(0.1, 0.1, 0.08), disc(0.9, 0.9, 0.08)),
        "noise and noise": (rng.random(first.shape) < 0.5, rng.random(first.shape) < 0.5),
        "noise and a far lesion": (rng.random(first.shape) < 0.5, disc(0.95, 0.95, 0.02)),
        "salt and salt": (rng.random(first.shape) < 0.01, rng.random(first.shape) < 0.01),
        "salt and a far lesion": (rng.random(first.shape) < 0.01, disc(0.95, 0.95, 0.02)),
        "checkerboard and a far column": (checks, column),
        "half a checkerboard and it": (checks & (x < size / 2), column),
        "stripes across stripes": (x % 4 == 0, y % 4 == 0),
        "full mask and a pixel": (np.ones_like(first), (x + y) == 0),
        "pixels in far corners": ((x + y) == 0, (x + y) == 2 * size - 2),
    }


def by_scipy(pred, target):
    first, second = (m & ~binary_erosion(np.pad(m, 1))[1:-1, 1:-1] for m in (pred, target))
    return distance_transform_edt(~second)[first], distance_transform_edt(~first)[second]


def by_opencv(pred, target):
    """Cropped to both masks, as a careful user would."""
    rows, columns = (np.flatnonzero((pred | target).any(axis=axis)) for axis in (1, 0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    padded = [cv2.copyMakeBorder(m[box].astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT) for m in (pred, target)]
    first, second = ((m - cv2.erode(m, cross)).astype(bool) for m in padded)
    far = [cv2.distanceTransform((~m).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for m in (second, first)]
    return far[0][first], far[1][second]


def milliseconds(call, repeats=5):
    """The shortest of a few runs; the first is left out."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def main():
    cv2.setNumThreads(1)
    print("size  pair                             ours ms  scipy / ours  OpenCV / ours  medpy / ours (HD95 + ASSD)")
    for size in (224, 512):
        for name, (pred, target) in kinds(size).items():
            ours = milliseconds(lambda: MaskPair(pred, target).distances)  # noqa: B023
            scipy, opencv = (milliseconds(lambda: f(pred, target)) / ours for f in (by_scipy, by_opencv))  # noqa: B023
            both = milliseconds(lambda: score_pair(pred, target))  # noqa: B023
            old = milliseconds(lambda: (medpy.hd95(pred, target), medpy.assd(pred, target)), 1) / both  # noqa: B023
            print(f"{size:4d}  {name:32s} {ours:7.3f}  {scipy:12.1f}  {opencv:13.1f}  {old:12.1f}", flush=True)


if __name__ == "__main__":
    main()
