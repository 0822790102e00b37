"""Base classes of all subcommands: an option may be given once, and help is plain text in panels."""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from c2seg_bench.cli.lines import plain_warnings

OTHER = "Other options"
HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


class Command(TyperCommand):
    """A command that refuses an option given twice, prints warnings as lines, and its options in their panels."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # completion parses unfinished lines
            refuse_repeated(self, ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with plain_warnings():
            return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                panels.setdefault(panel_of(param), []).append(record)
        if set(panels) <= {"Arguments", OTHER}:
            panels = {"Options" if name == OTHER else name: records for name, records in panels.items()}
        elif OTHER in panels:  # last, whatever the order of the parameters
            panels[OTHER] = panels.pop(OTHER)
        write_panels(formatter, panels)


class Group(TyperGroup):
    """A group of such commands. Its help lists them by panel, each with its whole first sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                panel = getattr(command, "rich_help_panel", None)
                title = panel if isinstance(panel, str) else "Commands"
                panels.setdefault(title, []).append((name, command.get_short_help_str(limit=200)))
        write_panels(formatter, panels)


class App(typer.Typer):
    """A Typer app made of `Command` and `Group`. Help is plain text, without markup."""

    def __init__(self, **settings: Any):
        super().__init__(
            cls=Group,
            no_args_is_help=True,
            context_settings=HELP_OPTIONS,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            **settings,
        )

    def command(self, *names: Any, **settings: Any) -> Any:
        return super().command(*names, cls=Command, **settings)


def refuse_repeated(command: TyperCommand, ctx: Any, args: list[str]) -> None:
    """Fail if an option that takes one value is given several times; Click would ignore all but the last."""
    _, _, given = command.make_parser(ctx).parse_args(args=list(args))
    for param, times in Counter(given).items():
        takes_one = param.param_type_name == "option" and not param.multiple and not getattr(param, "is_flag", False)
        if times > 1 and takes_one:
            name = max(param.opts, key=len)
            ctx.fail(f"{name} is given {times} times; give it once.")


def panel_of(param: Any) -> str:
    """The heading that a parameter is listed under."""
    if param.param_type_name == "argument":
        return "Arguments"
    if getattr(param, "required", False):
        return "Required"
    panel = getattr(param, "rich_help_panel", None)
    return panel if isinstance(panel, str) else OTHER


def write_panels(formatter: Any, panels: dict[str, list[tuple[str, str]]]) -> None:
    """Each panel as a heading with a list below it."""
    for title, records in panels.items():
        with formatter.section(title):
            formatter.write_dl(records)
