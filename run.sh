#!/usr/bin/env bash
# Set up what is missing, then start the synthesizer, or one of its commands: ./run.sh render SONG.mid -o OUT.wav
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/setup.sh"

if [ $# -eq 0 ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    echo "There is no screen for the window. Without one: ./run.sh render SONG.mid -o OUT.wav, or ./run.sh play --headless" >&2
    exit 1
fi
install_packages "${runtime_packages[@]}"
install_python
exec "$python" "$root/app.py" "$@"
