# Sourced by run.sh and test.sh: what the synthesizer needs on this machine. Quick when everything is in place.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python="$root/.venv/bin/python"

# Debian's names. Audio, then Qt, then Qt on X11.
runtime_packages=(
    python3-venv
    libportaudio2 libatomic1
    libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1
    libxcb-render-util0 libxcb-image0 libxcb-randr0 fonts-dejavu-core
)
# A sound server and a screen without hardware, notes to train on, a judge of desktop entries, VST3
# plug-ins, a sender of OSC, a compiler that runs the GPU's kernel on the processor.
test_packages=(
    jackd2 jack-capture xvfb xauth xdotool fluidsynth libfluidsynth3 fluid-soundfont-gm desktop-file-utils
    zam-plugins liblo-tools g++
)

# install_packages NAME...: install what is missing; where that cannot be done, say so and go on.
install_packages() {
    local missing=() name
    command -v dpkg-query >/dev/null || return 0
    for name in "$@"; do
        is_installed "$name" || is_installed "${name}t64" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing ${missing[*]}" >&2
    as_root apt-get install --yes --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return 0
    if as_root apt-get update >/dev/null 2>&1 &&
        as_root apt-get install --yes --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
        return 0
    fi
    echo "These packages could not be installed, some parts may not work: apt install ${missing[*]}" >&2
}

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        DEBIAN_FRONTEND=noninteractive "$@"
    elif [ -t 0 ]; then
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# install_python: the virtual environment with the pinned packages, renewed when the pins change.
install_python() {
    local wanted stamp="$root/.venv/installed"
    wanted=$(cat "$root/constraints.txt" "$root/pyproject.toml" | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
    echo "Setting up Python packages in .venv (some minutes, once)" >&2
    [ -x "$python" ] || "$(find_python)" -m venv "$root/.venv"
    list_requirements | "$python" -m pip install --quiet --constraint "$root/constraints.txt" --requirement /dev/stdin
    echo "$wanted" >"$stamp"
}

find_python() {
    local name
    for name in python3.11 python3 python3.12 python3.13; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    echo "Python 3.11 or newer is needed: apt install python3 python3-venv" >&2
    return 1
}

# What pyproject.toml asks for, with all extras, one requirement a line. (`pip install --group` and the extras of `.` would
# do the same, but need a newer pip than Debian's and would copy the rooms into the environment.)
list_requirements() {
    "$python" - "$root/pyproject.toml" <<'PYTHON'
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)
wanted = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
print(*sum(wanted, []), *project["dependency-groups"]["test"], sep="\n")
PYTHON
}
