"""The pages of the site: the texts of the repository where they lie, the public names, and a gallery of figures.

A hook of MkDocs. Pages keep their places in the repository, so that every link between them holds on the site too.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import siamnas
import siamnas.testing

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"(README|CHANGELOG|CONTRIBUTING|CODE_OF_CONDUCT|docs/.*|experiments/.*|siamnas/.*/data/README)\.md")
LINKED = re.compile(r"\]\(([^)#\s]+)")
FENCE = re.compile(r"^(```\w+) .*$", re.MULTILINE)  # the second word is for the tests of the documents
FIGURE = re.compile(r"experiments/(.+)/([^/]+)\.png")


def tracked() -> list[str]:
    """The files of the repository; of an unpacked archive those that lie there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True)
    if listed.returncode:
        return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def on_files(files: Files, config: Any) -> Files:
    """Add all pages, and the files that they show or link to."""
    names = tracked()
    pages = [name for name in names if SHOWN.fullmatch(name)]
    figures = [name for name in names if FIGURE.fullmatch(name)]
    for name in dict.fromkeys([*pages, *figures, *_linked(pages, set(names))]):
        files.append(File(name, str(ROOT), config.site_dir, use_directory_urls=config.use_directory_urls))
    generated = {"gallery.md": gallery(figures), **reference()}
    for name, text in generated.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links to a folder, or to a source that is no page, lead nowhere on the site: their text stays."""

    def kept(match: re.Match[str]) -> str:
        text, link = match.groups()
        if link.startswith(("http:", "https:", "#")):
            return match.group()
        there = (ROOT / page.file.src_uri).parent.joinpath(link.partition("#")[0]).resolve()
        known = there.is_relative_to(ROOT) and files.get_file_from_path(there.relative_to(ROOT).as_posix())
        return match.group() if known or not there.exists() else text

    if page.file.generated_by:
        return markdown
    return FENCE.sub(r"\1", re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", kept, markdown))


def _linked(pages: list[str], names: set[str]) -> Iterator[str]:
    """Files that the pages link to."""
    for page in pages:
        for link in LINKED.findall((ROOT / page).read_text(encoding="utf-8")):
            there = (ROOT / page).parent.joinpath(link).resolve()
            if there.is_relative_to(ROOT) and (name := there.relative_to(ROOT).as_posix()) in names:
                yield name


def gallery(figures: list[str]) -> str:
    """All committed figures by experiment; each leads to itself in full size."""
    text = [
        "# Gallery\n",
        "A click shows a figure in full size. [Experiments](experiments/README.md) has commands and data.\n",
    ]
    folder = ""
    for name in sorted(figures):
        match = FIGURE.fullmatch(name)
        assert match is not None
        if match[1] != folder:
            folder = match[1]
            text.append(f"## {folder.replace('_', ' ').capitalize()}\n")
        text.append(f"[![{match[2].replace('-', ' ')}]({name})]({name})\n")
    return "\n".join(text)


def reference() -> dict[str, str]:
    """One page for every public name, and their index."""
    pages, index = {}, ["# Reference\n"]
    for module in (siamnas, siamnas.testing):
        for name in module.__all__:
            shown = getattr(module, name)
            place = f"{module.__name__.removeprefix('siamnas').lstrip('.')}.{name}".lstrip(".")
            heading = f"---\ntitle: {place}\n---\n\n"
            pages[f"api/{place}.md"] = (
                f"{heading}::: {shown.__module__}.{name}\n    options: {{show_root_full_path: false}}\n"
            )
            index.append(f"- [`siamnas.{place}`]({place}.md): {(shown.__doc__ or '').strip().splitlines()[0]}")
    return {"api/index.md": "\n".join(index) + "\n", **pages}
