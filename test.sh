#!/usr/bin/env bash
# Every check there is: style, types, import rules, tests. Arguments go to pytest.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/setup.sh"

install_packages "${runtime_packages[@]}" "${test_packages[@]}"
install_python
cd "$root"
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy .
"$root/.venv/bin/lint-imports"
[ $# -eq 0 ] || exec "$python" -m pytest "$@"
alone=(tests/engine/decoder/test_allocation.py tests/jack) # what counts allocations, and what plays in real time
OMP_NUM_THREADS=1 "$python" -m pytest --numprocesses auto --dist loadfile "${alone[@]/#/--ignore=}"
"$python" -m pytest "${alone[@]}"
