"""A cell of a model that was trained elsewhere: request every mask from it, and score them like those of methods."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Any

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.masks.packed import save_masks
from c2seg_bench.engine.cell.outside_requests import cache_size, image_reader, requests_of
from c2seg_bench.engine.cell.steps import score_cell
from c2seg_bench.engine.device.device import host
from c2seg_bench.engine.display.progress import Progress
from c2seg_bench.engine.inputs.conditions import noise_hashes
from c2seg_bench.engine.inputs.referring import referring_parts
from c2seg_bench.engine.request.request import Request as CellRequest
from c2seg_bench.engine.request.request import has_predictions, is_current, scoring_digest, stored_request
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import user_path, write_json
from c2seg_bench.files.digests import digest
from c2seg_bench.outside.answers import Answers
from c2seg_bench.outside.identity import identity_of_code, identity_of_file
from c2seg_bench.outside.masks import mask_of
from c2seg_bench.outside.pack import AnswerFolder, folder_state
from c2seg_bench.outside.predictor import FROM_PYTHON, Predictor, PredictorFailed, load_function
from c2seg_bench.outside.requests import Requests, described
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import OutsideCell, OutsideEntry


def run_outside_cell(cell: OutsideCell, predictor: Predictor | None = None) -> Path:
    """Request all masks and score them. Returns the path of the cell's scores.

    Args:
        predictor: the model, if the suite names no file to load it from.
    """
    cache, judge = open_judged(cell)
    request, model, record = outside_request(cell), model_of(cell, predictor), stored_request(cell)
    same_model = record.get("model") == model
    if same_model and is_current(cell, request):
        return cell.files.scores
    if not (same_model and has_predictions(cell, cache, request)):
        cell.files.record.unlink(missing_ok=True)
        key = digest([request.request, model])
        record = {
            "date": datetime.date.today().isoformat(),
            "machine": host(),
            **predict_cell(cell, cache, key, predictor),
        }
    score_cell(cell, cache, request, judge)
    parts = {"settings": cell.request(), "data": {"test": cache.split_hash("test")}}
    write_json(cell.files.record, {**record, **request._asdict(), "model": model, **parts}, checksum=True)
    shutil.rmtree(cell.folder / "answers", ignore_errors=True)
    return cell.files.scores


def predict_cell(cell: OutsideCell, cache: Cache, key: str, predictor: Predictor | None) -> dict[str, int]:
    """Write the masks of every condition. Returns the numbers of requests and of missing answers.

    Args:
        key: digest of the requests and the model; earlier answers with the same key are reused.
    """
    requests = requests_of(cell.suite, cell.run, cell.dataset, cache)
    answers = Answers.open(cell.folder / "answers", key, len(requests), cache_size(cache))
    missing = read_answers(cell, cache, requests, answers)
    if cell.method.predictions is None:
        call_for_answers(cell, cache, requests, answers, predictor or predictor_of(cell.method))
    for wording in requests.wordings:
        names = list(cache.index["name"].iloc[wording.rows])
        save_masks(cell.files.predictions(wording.condition), names, answers.take(requests.positions(wording)))
    return {"requests": len(requests), "missing": missing}


def open_judged(cell: OutsideCell) -> tuple[Cache, Judge]:
    cache = Cache.open(cell.run.data(cell.dataset))
    return cache, Judge.of_dataset(cell.suite.datasets[cell.dataset], cache)


def outside_request(cell: OutsideCell) -> CellRequest:
    """The suite's current request for the cell, whichever model answers."""
    cache, judge = open_judged(cell)
    stress = cell.suite.stress
    parts = [cell.request(), cache.split_hash("test"), stress.conditions(), stress.model_dump(), noise_hashes(cell)]
    if cell.suite.referring:
        parts.append(referring_parts(cell, cache))
    return CellRequest(digest(parts), scoring_digest(cell, judge))


def model_of(cell: OutsideCell, predictor: Predictor | None) -> str:
    """Digest of the model's code, or of its answers."""
    entry = cell.method
    if entry.predictions is not None:
        return folder_state(user_path(entry.predictions, "predictions"))
    if predictor is not None and entry.predictor == FROM_PYTHON:
        return identity_of_code(predictor.function)
    return identity_of_file(str(entry.predictor))


def predictor_of(entry: OutsideEntry) -> Predictor:
    return Predictor(load_function(str(entry.predictor)), entry.batch)


def read_answers(cell: OutsideCell, cache: Cache, requests: Requests, answers: Answers) -> int:
    """Read the folder of answers, if the entry has one. Returns the number of missing answers."""
    if cell.method.predictions is None:
        return 0
    others = [name for name in cell.suite.datasets if name != cell.dataset]
    known = [requests_of(cell.suite, cell.run, name, Cache.open(cell.run.data(name))) for name in others]
    folder = AnswerFolder(user_path(cell.method.predictions, "predictions"), [requests, *known])
    if not cell.method.partial:
        folder.check_complete(requests)
    size, original = cache_size(cache), cache.index[["height", "width"]].to_numpy()
    progress = Progress(cell.folder, "read", len(requests))
    for position in answers.missing():
        request = requests.all[position]
        if request.id in folder.files:
            height, width = (int(side) for side in original[request.row])
            answers.put(position, folder.mask(request, ((size, size), (height, width)), size))
        progress.step(int(position) + 1)
    return len(folder.missing(requests))


def call_for_answers(
    cell: OutsideCell, cache: Cache, requests: Requests, answers: Answers, predictor: Predictor
) -> None:
    """Call the model for every missing answer.

    Raises:
        InputError: it returns something other than a mask; the message names the image and the prompt.
        PredictorFailed: it raises an error; the message names the image and the prompt.
    """
    image, size, missing = (
        image_reader(cell.suite, cell.dataset, cell.method.pictures, cache),
        cache_size(cache),
        answers.missing(),
    )
    progress = Progress(cell.folder, "predict", len(requests), len(requests) - len(missing))
    step = predictor.batch or 1
    for start in range(0, len(missing), step):
        positions = missing[start : start + step]
        chosen = [requests.all[position] for position in positions]
        images = [image(request) for request in chosen]
        shapes = [image.shape[:2] for image in images]  # before the model has them
        where = described(cell.dataset, chosen[0]) + (f" and {len(chosen) - 1} more" if len(chosen) > 1 else "")
        try:
            masks = predictor(images, [request.prompt for request in chosen])
        except WRONG_INPUT as e:
            raise InputError(f"{cell.method.label}: {where}: returned {e}") from None
        except Exception as e:
            raise PredictorFailed(f"{where}: {type(e).__name__}: {e}") from e
        for position, request, shape, mask in zip(positions, chosen, shapes, masks, strict=True):
            try:
                answers.put(position, mask_of(mask, shape, size))
            except WRONG_INPUT as e:
                raise InputError(f"{cell.method.label}: {described(cell.dataset, request)}: returned {e}") from None
        progress.step(len(requests) - len(missing) + start + len(positions))


def describe_outcome(record: dict[str, Any]) -> str:
    """A summary of a finished cell from its record, for a line on the terminal."""
    missing = f", {record['missing']} missing (scored as empty)" if record.get("missing") else ""
    return f"{record.get('requests')} images and prompts answered{missing}"
