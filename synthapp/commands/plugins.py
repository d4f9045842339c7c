"""Which plug-ins there are, and which of them load."""

from typing import Annotated

import msgspec
import typer

from synthapp.commands.options import AsJson
from synthapp.commands.plugin_options import PluginPath, seek_plugins


def plugins(
    scan: Annotated[bool, typer.Option("--scan", help="Try those that are new or changed.")] = False,
    unblock: Annotated[bool, typer.Option("--unblock", help="Try those that did not load before as well.")] = False,
    as_json: AsJson = False,
    plugin_path: PluginPath = None,
) -> None:
    """List the VST3 plug-ins: what they are, or why one does not load.

    Each is tried in a process of its own, for ten seconds at most; what was found is kept until the file changes.
    """
    from engine.plugins.scan import Shelf

    seek_plugins(plugin_path)
    shelf = Shelf()
    if unblock:
        shelf.unblock()
    rows = shelf.scan() if scan or unblock else shelf.known().items()
    if as_json:
        listed = [{"place": place, **msgspec.to_builtins(finding)} for place, finding in rows]
        print(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
        return
    none = True
    for place, finding in rows:
        print(_line(place, finding), flush=True)
        none = False
    if none:
        folders = ", ".join(map(str, shelf.folders))
        print(f"no plug-in is known; --scan tries those in {folders}")


def _line(place, finding):
    found = finding.description
    if found is None:
        return f"does not load  {place}: {finding.fault}"
    kind = "instrument" if not found.effect else "stereo" if found.channels == 2 else "mono, run twice"
    latency = f"{found.latency} frames late" if found.latency else "no latency"
    return (
        f"{found.name}  {found.version}  {found.maker}  [{found.category}]  {kind}  {latency}  "
        f"{len(found.parameters)} parameters  loads in {finding.load_ms:.0f} ms"
    )
