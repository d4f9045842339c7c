"""The tables and figures of Engel et al. 2017, beside the paper's."""

import typer

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="The tables and figures of Engel et al. 2017, beside the paper's."
)
