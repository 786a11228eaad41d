"""The picture of bench_timing: levels over time, as an SVG that needs nothing to make it."""

_WIDTH = 900
_LEFT = 60
_STEP = 44
_HALF_BITS = 38


def _trace(edges, end, top, scale):
    """An SVG path of [(level, time)] from time 0 to `end`; before the first edge the opposite."""
    level = 1 - edges[0][0]

    def y(level):
        return top if level else top + _STEP

    path = [f"M{_LEFT} {y(level)}"]
    for new, at in edges:
        x = _LEFT + at * scale
        path.append(f"H{x:.2f} V{y(new)}")
    path.append(f"H{_LEFT + end * scale:.2f}")
    return f'<path d="{" ".join(path)}" fill="none" stroke="#1a5fb4" stroke-width="1.5"/>'


def _ruler(places, labels, top, scale):
    """Vertical lines at `places`, some with a label."""
    for place, label in zip(places, labels, strict=True):
        x = _LEFT + place * scale
        yield (
            f'<line x1="{x:.2f}" x2="{x:.2f}" y1="{top - 8}" y2="{top + _STEP + 8}" '
            'stroke="#c0bfbc" stroke-width="0.6"/>'
        )
        if label:
            yield f'<text x="{x:.2f}" y="{top + _STEP + 22}" text-anchor="middle">{label}</text>'


def draw(path, bus, shape):
    """Write the picture: `bus` [(level, us)] of a DALI frame, `shape` [(level, ms)] of a flash."""
    begin = bus[0][1]
    half_us = 1e6 / 2400
    frame = [(level, us - begin + half_us) for level, us in bus]
    frame_end = _HALF_BITS * half_us
    scale = (_WIDTH - 2 * _LEFT) / frame_end
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="260"',
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="260" fill="white"/>',
        f'<text x="{_LEFT}" y="24">DALI, a forward frame; lines: half bits of 416.67 us</text>',
    ]
    places = [i * half_us for i in range(_HALF_BITS + 1)]
    labels = [f"{us / 1000:.1f} ms" if i % 6 == 0 else "" for i, us in enumerate(places)]
    lines += _ruler(places, labels, 44, scale)
    lines.append(_trace([edge for edge in frame if edge[1] < frame_end], frame_end, 44, scale))
    scale = (_WIDTH - 2 * _LEFT) / 1700
    lines.append(
        f'<text x="{_LEFT}" y="150">flash pattern, two rounds of 800 ms; lines: 50 ms</text>'
    )
    places = [50 * i for i in range(34)]
    labels = [f"{ms} ms" if ms % 200 == 0 else "" for ms in places]
    lines += _ruler([ms + 50 for ms in places], labels, 170, scale)
    lines.append(_trace([(level, ms + 50) for level, ms in shape], 1700, 170, scale))
    lines.append("</svg>")
    path.write_text("\n".join(lines) + "\n")
