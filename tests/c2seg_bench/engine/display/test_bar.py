import io

from rich.console import Console

from c2seg_bench.engine.display.bar import bar


def shown(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    with bar("embed prompts", console) as progress:
        progress(512, 1024)
    return console.file.getvalue()


def test_a_bar_is_drawn_where_somebody_watches_and_nowhere_else():
    assert "embed prompts" in shown(terminal=True) and "50%" in shown(terminal=True)
    assert shown(terminal=False) == ""
