#!/usr/bin/env bash
# Every check there is: style, types, import rules, tests.
#   ./test.sh          before a change is shared; what continuous integration runs
#   ./test.sh --fast   for daily work, under a minute: without the tests that are marked slow
#   ./test.sh --long   before a release: full counts, soaks, whole songs, an installation from the package index
# Further arguments go to pytest: ./test.sh --fast tests/engine, ./test.sh -k ring
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/setup.sh"

chosen="not long" profile=default
case "${1:-}" in
    --fast) chosen="not slow and not long" && shift ;;
    --long) chosen="slow or not slow" profile=long && shift ;;
esac
install_packages "${runtime_packages[@]}" "${test_packages[@]}"
install_python
cd "$root"
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy .
"$root/.venv/bin/lint-imports"
pytest=("$python" -m pytest --hypothesis-profile "$profile")
[ $# -eq 0 ] || exec "${pytest[@]}" -m "$chosen" "$@"
OMP_NUM_THREADS=1 "${pytest[@]}" -m "($chosen) and not alone" --numprocesses auto --dist loadfile
[ "$chosen" = "not slow and not long" ] || "${pytest[@]}" -m "($chosen) and alone"
