"""Third-party plug-ins (VST3), each in a process of its own: one that crashes, hangs or lies never stops the music.

    folders.py  where plug-ins lie on this system
    scan.py     which of them load: each tried in a child with a time-out, remembered by file time
    messages.py what the two processes say to each other, and the description of a plug-in
    memory.py   the memory that they share: blocks of audio to and fro, parameters
    host.py     the child: `python -m engine.plugins.host`; loads one plug-in and plays what lies in the memory
    vst3.py     a VST3 plug-in in the child, by pedalboard
    child.py    the child as we see it: started, asked, ended
    exchange.py one block there and back, with a deadline; compiled, waits without the interpreter
    seam.py     from one signal to another without a click
    faults.py   when a plug-in is bypassed, and when it may try again
    editor.py   a plug-in's own window as we see it: opened, listened to, closed
    editor_host.py  its process: `python -m engine.plugins.editor_host`; looks on at the memory of the child that plays
    effect.py   all of it as one effect of the chain
    rack.py     opens the plug-in of a slot, and looks after all that are open

Block by block: effect.process -> exchange -> (socket, memory) -> host -> plug-in -> (memory, socket) -> effect.

Threading model:
  render thread : `HostedPlugin.process`, `set`
  rack's keeper : `HostedPlugin.tend`: ends and starts children
  chores thread : `Rack.open`, `close`, and what else takes long
  editor        : a thread for each window that is open: `HostedPlugin`'s listener

The child imports numpy and pedalboard, never numba, torch or Qt: it is there again within a third of a second.
"""
