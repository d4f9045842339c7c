"""R14: no file that a user opens can run code; nothing in the source can unpickle or evaluate text."""

import ast

import pytest

from tests.paths import ROOT

ROOMS = ("models", "engine", "presets", "synthapp", "benchmarks", "songs")
SOURCES = sorted([*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "os.system", "os.popen", "yaml.load", "pandas.read_pickle", "pd.read_pickle"}


def violations(source):
    """What the source does that it must not, one line each."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] in FORBIDDEN_MODULES]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
            found.append(node.module)
        if isinstance(node, ast.Call):
            found += _unsafe_call(node)
    return found


def _unsafe_call(call):
    name = ast.unparse(call.func)
    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    found = [name] if name in FORBIDDEN_CALLS or name.split(".")[0] in FORBIDDEN_MODULES else []
    if name == "torch.load" and keywords.get("weights_only") != "True":
        found.append("torch.load without weights_only=True")
    if keywords.get("allow_pickle", "False") != "False":
        found.append(f"{name} with allow_pickle")
    if keywords.get("shell", "False") != "False":
        found.append(f"{name} through a shell")
    return found


def test_there_is_source_to_look_at():
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_is_safe(path):
    assert violations(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "eval(text)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_the_check_finds_what_it_is_for(source):
    assert violations(source)


def test_the_check_lets_safe_calls_pass():
    assert not violations("np.load(path, allow_pickle=False); torch.load(path, weights_only=True); model.eval()")
