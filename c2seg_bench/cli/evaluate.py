"""c2seg-bench evaluate: a model that was trained elsewhere"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SUITE = "Suite file (YAML), or the name of one that ships, such as quick."

SuiteFile = Annotated[Path, typer.Argument(help=SUITE, metavar="SUITE")]
Name = Annotated[str, typer.Option(help="The model's name in the tables.")]
Function = Annotated[
    str | None, typer.Option(help="FILE.py:FUNCTION, a function of (image (H, W, 3) uint8, prompt) -> mask (H, W).")
]
Batch = Annotated[
    int | None, typer.Option(min=1, help="FUNCTION takes lists of this many images and prompts, and returns a list.")
]
Native = Annotated[bool, typer.Option("--native", help="Give images at the dataset's own size.")]
Answers = Annotated[
    Path | None, typer.Option(help="Folder of masks named by the ids of a pack, instead of --predictor.")
]
Pack = Annotated[Path | None, typer.Option(help="The answered pack, to check that it belongs to this suite.")]
Partial = Annotated[bool, typer.Option("--partial", help="Score missing answers as empty masks.")]
Params = Annotated[float | None, typer.Option(min=0, help="Trained parameters, in millions.")]
Link = Annotated[str, typer.Option(help="Address of the paper or the code.")]
NoText = Annotated[bool, typer.Option("--no-text", help="The model does not read the prompt.")]
Version = Annotated[
    str, typer.Option(help="Of the model; another one calls it again. For changes that are not noticed, see above.")
]
Out = Annotated[Path | None, typer.Option(help="Folder of the run; default: the suite's own `out`.")]
Json = Annotated[bool, typer.Option("--json", help="The model's row as one JSON object on stdout.")]


def evaluate(
    suite: SuiteFile,
    name: Name,
    predictor: Function = None,
    batch: Batch = None,
    native: Native = False,
    predictions: Answers = None,
    pack: Pack = None,
    partial: Partial = False,
    params: Params = None,
    link: Link = "",
    version: Version = "",
    no_text: NoText = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Measure a model that was trained elsewhere, and list it beside the methods of a suite's run.

    The function is called once for every distinct image and prompt (clean, noisy, edited) and returns a mask: bool,
    0/1, 0/255, or probabilities, with lesion above 0.5. A model that runs in another environment answers a pack
    instead. Without a run of the suite the tables have this model alone; c2seg-bench run SUITE adds the methods.

    An interrupted evaluation continues where it stopped. Earlier answers are kept unless the function's file has
    changed, a module beside it that it imports, or a file of weights that is named in their code.

    Examples:

    c2seg-bench evaluate quick --predictor mymodel.py:predict --name "My model"

    c2seg-bench evaluate quick --predictor mymodel.py:predict_many --batch 16 --name "My model" --params 31.2

    c2seg-bench evaluate quick --pack pack --predictions answers --name "My model"
    """
    import json

    from c2seg_bench.cli.run_summary import show
    from c2seg_bench.engine.evaluate.evaluate import evaluate as run_evaluation
    from c2seg_bench.engine.grid.finish import RunFailed

    check_source(predictor, predictions, batch, pack, partial)
    try:
        result = run_evaluation(
            predictor,
            suite,
            name,
            batch=batch,
            pictures="native" if native else "suite",
            predictions=predictions,
            pack=pack,
            partial_answers=partial,
            params=params,
            link=link,
            uses_text=not no_text,
            version=version,
            out=out,
        )
    except RunFailed as e:
        typer.echo(f"error: {e}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        rows = json.loads(result.table("main").to_json(orient="records"))
        print(json.dumps({"out": str(result.out), "method": result.method, "report": str(result.report), "main": rows}))
    else:
        show(result.out)


def check_source(
    predictor: str | None, predictions: Path | None, batch: int | None, pack: Path | None, partial: bool
) -> None:
    """InputError unless exactly one source of masks is given, with no options of the other."""
    from c2seg_bench.errors import InputError

    if (predictor is None) == (predictions is None):
        raise InputError("give one of --predictor FILE.py:FUNCTION and --predictions DIR")
    if predictions is not None and batch is not None:
        raise InputError(f"--batch {batch}: belongs to --predictor; leave it out beside --predictions")
    if predictions is None and (pack is not None or partial):
        raise InputError(f"{'--partial' if partial else '--pack'} belongs to --predictions; give the folder of answers")
