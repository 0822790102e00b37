"""The command `c2seg-bench`: its subcommands, one small module each, and how errors become a line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from c2seg_bench.cli import (
    bench,
    calibrate,
    compare,
    datasets,
    doctor,
    evaluate,
    export,
    init,
    leaderboard,
    models,
    ontology,
    pack,
    parse,
    perturb,
    referring,
    report,
    run,
    score,
    step_commands,
    validate_metric,
)
from c2seg_bench.cli.app import App
from c2seg_bench.errors import WRONG_INPUT
from c2seg_bench.files import fault_of_machine
from c2seg_bench.terminal.visible import one_line

PANELS = {
    "Run a benchmark": (
        init.init,
        run.run,
        report.report,
        step_commands.pretrain,
        step_commands.train,
        step_commands.predict,
    ),
    "Measure masks and models made elsewhere": (
        score.score,
        evaluate.evaluate,
        pack.pack,
        compare.compare,
        export.export,
        leaderboard.leaderboard,
    ),
    "Prompts and their meaning in an image": (parse.parse, perturb.perturb, calibrate.calibrate),
    "Lists and checks": (
        models.models,
        doctor.doctor,
        validate_metric.validate_metric,
        bench.bench,
    ),
}

app = App(name="c2seg-bench")
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(ontology.app, name="ontology", rich_help_panel="Prompts and their meaning in an image")
app.add_typer(datasets.app, name="datasets", rich_help_panel="Lists and checks")
app.add_typer(referring.app, name="referring", rich_help_panel="Measure masks and models made elsewhere")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"c2seg-bench {version('c2seg-bench')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """How good are the masks of a text-guided medical segmentation model, and do they follow the prompt?"""


def main(args: list[str] | None = None) -> None:
    """Run the command line.

    Exit code 0: done, 1: the run failed, 2: the call, the input or the machine (such as a full disk) is at fault, 130:
    Ctrl-C.
    """
    try:
        code = app(args=args, standalone_mode=False)
    except WRONG_INPUT as e:
        fail(str(e))
    except Exception as e:
        if type(e).__name__ == "Abort":  # Ctrl-C in earlier versions of typer; later ones exit with 130 as well
            sys.exit(130)
        if fault := fault_of_machine(e):
            fail(fault)
        # a wrong call, by whichever click the installed typer brings; all others are bugs and keep their traceback
        if not hasattr(e, "format_message"):
            raise
        if type(e).__name__ == "NoArgsIsHelpError":  # its message is the help
            print(e.format_message(), file=sys.stderr)
            sys.exit(2)
        fail(f"{e.format_message()} See {_called(e)} --help".strip())
    sys.exit(code if isinstance(code, int) else 0)


def _called(error: Exception) -> str:
    """The command that was called wrongly, such as c2seg-bench score, whatever the program was started as."""
    subcommands: list[str] = []
    context = getattr(error, "ctx", None)
    while context is not None and context.parent is not None:
        subcommands.insert(0, str(context.info_name))
        context = context.parent
    return " ".join(["c2seg-bench", *subcommands])


def fail(message: str) -> None:
    """One line on stderr, exit code 2."""
    print("error: " + one_line(message), file=sys.stderr)
    sys.exit(2)
