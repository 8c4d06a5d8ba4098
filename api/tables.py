"""Pages made of tables, for a terminal, as JSON and as Markdown."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from enum import StrEnum

import orjson

from api.wording import safe

WIDTH = 120
_MARKDOWN = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;", ">": "&gt;"})


class Format(StrEnum):
    """How a page is written."""

    text = "text"
    json = "json"
    md = "md"


@dataclass(frozen=True)
class Table:
    """Rows of words under named columns; ``empty`` is said where there are none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "nothing"


@dataclass(frozen=True)
class Page:
    """A title, sentences about what is shown, and tables."""

    title: str
    about: tuple[str, ...]
    tables: tuple[Table, ...]


def _worded(table: Table) -> Table:
    """The table without the columns that are empty in every row."""
    kept = [place for place in range(len(table.columns)) if any(row[place] for row in table.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[place] for place in kept), rows=rows)


def written(page: Page, form: Format, *, width: int = WIDTH, is_coloured: bool = False) -> str:
    """*page* in one of its forms, with its last line end."""
    if form is Format.json:
        return _json(page)
    return _markdown(page) if form is Format.md else _text(page, width=width, is_coloured=is_coloured)


def _json(page: Page) -> str:
    tables = [
        {"title": table.title, "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows]}
        for table in page.tables
    ]
    made = {"title": page.title, "about": list(page.about), "tables": tables}
    return orjson.dumps(made, option=orjson.OPT_INDENT_2).decode() + "\n"


def _markdown(page: Page) -> str:
    parts = [f"# {page.title}", *page.about, *(markdown_table(table) for table in page.tables)]
    return "\n\n".join(parts) + "\n"


def markdown_table(table: Table, *, level: int = 2) -> str:
    """The heading of that level (0: none) and the rows of *table*."""
    head = [f"{'#' * level} {table.title}", ""] if table.title and level else []
    if not table.rows:
        return "\n".join([*head, f"{table.empty.capitalize()}."])
    table = _worded(table)
    rows = [_row(table.columns), _row(("---",) * len(table.columns)), *(_row(row) for row in table.rows)]
    return "\n".join([*head, *rows])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.translate(_MARKDOWN) for cell in cells)} |"


def _text(page: Page, *, width: int, is_coloured: bool) -> str:
    from rich import box  # noqa: PLC0415  rich takes a tenth of a second, and the other forms need none of it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table as Grid  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=is_coloured, no_color=not is_coloured, highlight=False)
    console.print(Text(safe(page.title), style="bold"))
    for sentence in page.about:
        console.print(Text(safe(sentence)))
    for table in page.tables:
        console.print()
        console.print(Text(safe(table.title), style="bold"))
        if not table.rows:
            console.print(Text(f"  {table.empty}"))
            continue
        grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        shown = _worded(table)
        for place, column in enumerate(shown.columns):
            grid.add_column(Text(column), overflow="fold", no_wrap=place == 0)
        for row in shown.rows:
            grid.add_row(*(Text(safe(cell)) for cell in row))
        console.print(grid)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
