"""Curves as SVG, both axes logarithmic, each curve named where it ends."""

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 170, 20, 40
INSET, LINE = 24, 14
Spot = tuple[float, float]
COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#7c3aed")


@dataclass(frozen=True)
class Curve:
    """A name and its points, all above 0."""

    name: str
    points: list[tuple[float, float]]


def draw(axis: str, curves: list[Curve]) -> str:
    """Return the picture; `axis` is what is counted from left to right."""
    across = [x for curve in curves for x, _ in curve.points]
    up = [y for curve in curves for _, y in curve.points]
    low, high = math.floor(math.log10(min(up))), math.ceil(math.log10(max(up)) + 0.01)
    begin, end = math.log10(min(across)), math.log10(max(across))

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - begin) / (end - begin)
        height = (math.log10(y) - low) / (high - low)
        return (
            LEFT + INSET + along * (WIDTH - LEFT - INSET - RIGHT),
            HEIGHT - BOTTOM - height * (HEIGHT - TOP - BOTTOM),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>Cost by {escape(axis)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for power in range(low, high + 1):
        _, y = place(min(across), 10**power)
        line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        parts.append(f"{line}{_text(LEFT - 8, y + 4, _short(10**power), 'end')}")
    for x in sorted(set(across)):
        parts.append(_text(place(x, 10**low)[0], HEIGHT - BOTTOM + 18, f"{x:,.0f}", "middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 6, axis, "middle"))
    placed = [[place(x, y) for x, y in curve.points] for curve in curves]
    above = -math.inf
    for number in sorted(range(len(curves)), key=lambda number: placed[number][-1][1]):
        others = [spot for spots in placed if spots is not placed[number] for spot in spots]
        parts.append(_curve(curves[number], COLOURS[number], placed[number], others))
        x, y = placed[number][-1]
        above = max(y, above + LINE)  # names keep apart where curves end together
        parts.append(_text(x + 24, above + 4, curves[number].name, "start", COLOURS[number]))
    return "\n".join([*parts, "</svg>\n"])


def _curve(curve: Curve, colour: str, places: list[Spot], others: list[Spot]) -> str:
    """Draw one; a number stands under its point where another curve is just above it."""
    drawn = [
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" '
        f'stroke="{colour}" stroke-width="2"/>'
    ]
    for (x, y), (_, value) in zip(places, curve.points, strict=True):
        crowded = any(x == other and 0 <= y - height < 2 * LINE for other, height in others)
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        drawn.append(_text(x, y + (LINE + 1 if crowded else -7), _short(value), "middle"))
    return "".join(drawn)


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{escape(text)}</text>"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
