"""The paper's tables and figures."""

import typer

from synthapp.commands import figures

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="The paper's figures, on any notes and any weights."
)
figures.register(app)
