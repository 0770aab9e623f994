"""Lets the object of a Python file speak JSON lines with the referee; needs nothing but Python itself.

Run as: python serve.py FILE

FILE defines one class with `ask` and `tell`, or one function that returns an object with them; either is called with
the space, the seed and the budget of every search. What it prints goes to the standard error.
"""

import contextlib
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

Make = Callable[[dict[str, Any], int, int], Any]
"""(space, seed, budget) -> an object with `ask()` and `tell(arch, value)`."""


def made_by(module: ModuleType) -> Make:
    """What a file defines.

    Raises:
        SystemExit: it defines nothing that can be asked, or several.
    """
    own = [
        one for name, one in vars(module).items()
        if not name.startswith("_") and getattr(one, "__module__", "") == module.__name__ and callable(one)
    ]  # fmt: skip
    classes = [one for one in own if isinstance(one, type) and hasattr(one, "ask") and hasattr(one, "tell")]
    found = classes or [one for one in own if not isinstance(one, type)]
    if len(found) != 1:
        names = ", ".join(one.__name__ for one in found) or "none"
        sys.exit(f"{module.__file__}: must define one class with ask and tell, or one function, not {names}")
    return found[0]


def load(path: Path) -> ModuleType:
    """The module of a file; its own folder is on the path."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(f"method_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Answer until the referee has no more to say."""
    said, space, method, asked = sys.stdout, dict[str, Any](), None, None
    with contextlib.redirect_stdout(sys.stderr):
        make = made_by(load(Path(sys.argv[1]).resolve()))
        for line in sys.stdin:
            message = json.loads(line)
            if "space" in message:
                space = message["space"]
                continue
            if "start" in message:
                method = make(space, message["start"]["seed"], message["start"]["budget"])
            else:
                method.tell(asked, message["tell"]["value"])  # type: ignore[union-attr]
            if "start" in message or message["tell"]["left"]:
                asked = method.ask()  # type: ignore[union-attr]
                print(json.dumps({"ask": plain(asked)}), file=said, flush=True)


def plain(arch: Any) -> Any:
    """An architecture as JSON has it: a number or array of numpy is one of Python."""
    return arch.tolist() if hasattr(arch, "tolist") else arch


if __name__ == "__main__":
    main()
