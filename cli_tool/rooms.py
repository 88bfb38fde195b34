"""Makes sure that `streaming` and its neighbours are Tradewind's: others use such short names too."""

from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Each room with a module that only ours has.
ROOMS = {
    "streaming": "settings_faults.py",
    "triggers": "completeness.py",
    "sinks": "keeper.py",
    "checkpoints": "fingerprint.py",
    "cloud_jobs": "rendering.py",
    "api": "problems.py",
}
#: What mosaicml-streaming leaves where it was installed into the same folder: files of both are mixed then.
TRACES = {"streaming": "base"}


class ForeignPackage(ImportError):
    """Another distribution has taken the name of one of Tradewind's packages."""


def check(root: Path = ROOT, path: list[str] | None = None) -> None:
    """Raises ForeignPackage if an import would bring a package that is not ours; imports nothing itself."""
    for name, own_module in ROOMS.items():
        folder = _found(name, path)
        own = root / name
        mixed = name in TRACES and (own / TRACES[name]).exists()
        if folder != own or mixed or not (own / own_module).is_file():
            raise ForeignPackage(_explained(name, folder, root))


def _found(name: str, path: list[str] | None) -> Path | None:
    spec = find_spec(name) if path is None else PathFinder.find_spec(name, path)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]).resolve() if places else None


def _explained(name: str, folder: Path | None, root: Path) -> str:
    if folder is None:
        return (
            f"`import {name}` finds nothing: this installation is older than the program in {root}. Install it anew: "
            "`make setup` in its repository, or `pip install --force-reinstall tradewind`."
        )
    owners = " and ".join(_owners(name)) or "something on PYTHONPATH or in the current folder"
    return (
        f"`import {name}` finds {folder}, but Tradewind's own is {root / name}. The name is "
        f"taken by {owners}. Give Tradewind a virtual environment of its own (python3 -m venv tradewind-env "
        "&& tradewind-env/bin/pip install tradewind), or remove the other one from the path."
    )


def _owners(name: str) -> Iterator[str]:
    for distribution in packages_distributions().get(name, []):
        if distribution != "tradewind":
            yield f"the distribution {distribution!r}"
