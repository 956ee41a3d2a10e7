"""Draws stacks as a flame graph: a function is as wide as its share of the profile, and stands on the one
that called it."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from .stacks import Stacks

_WIDTH = 1200.0
_ROW = 18
# What is narrower cannot be seen.
_NARROWEST = 0.5
_LETTER = 6.6


@dataclass
class _Node:
    value: int = 0
    children: dict[str, "_Node"] = field(default_factory=dict)

    def depth(self) -> int:
        return 1 + max((child.depth() for child in self.children.values()), default=0)


def draw(stacks: Stacks, title: str) -> str:
    root = _Node()
    for stack, value in stacks.items():
        node = root
        node.value += value
        for function in stack:
            node = node.children.setdefault(function, _Node())
            node.value += value
    height = (root.depth() + 1) * _ROW
    boxes = "\n".join(_boxes(root, "all", 0.0, _WIDTH, height - _ROW, root.value))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height}" \
font-family="monospace" font-size="11">
<title>{escape(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="4" y="13">{escape(title)}</text>
{boxes}
</svg>
"""


def _boxes(node: _Node, name: str, x: float, width: float, y: int, total: int) -> Iterator[str]:
    if width < _NARROWEST:
        return
    share = f"{node.value / total:.1%}" if total else ""
    letters = int((width - 4) / _LETTER)
    label = name if len(name) <= letters else name[: max(letters - 1, 0)] + "…"
    text = f'<text x="{x + 3:.1f}" y="{y + 13}">{escape(label)}</text>' if letters >= 3 else ""
    yield (
        f'<g><title>{escape(name)}: {share}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" '
        f'height="{_ROW - 1}" fill="{_colour(name)}"/>{text}</g>'
    )
    for child_name, child in sorted(node.children.items()):
        child_width = width * child.value / node.value
        yield from _boxes(child, child_name, x, child_width, y - _ROW, total)
        x += child_width


def _colour(name: str) -> str:
    # The same function has the same colour in every picture.
    number = zlib.crc32(name.encode())
    return f"hsl({20 + number % 40},{70 + (number >> 8) % 25}%,{62 + (number >> 16) % 14}%)"
