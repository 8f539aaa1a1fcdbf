"""Draws what programs have written to a terminal, in the colours of watch.svg."""

import html

import programs
from programs import FOLDER

# Those of cli/src/watch/picture.rs.
COLORS = {"red": "#f47067", "green": "#6bc46d", "brown": "#e5c07b", "cyan": "#56b6c2", "brightblack": "#7a8290"}
STYLE = """
body { margin: 0 }
#all { display: inline-grid; grid-template-columns: auto auto; gap: 12px; padding: 12px; background: #2c313a }
h2 { margin: 0 4px; font: bold 16px "DejaVu Sans"; color: #d7dae0 }
section { padding: 0 14px 10px; border-radius: 9px; background: #16181d; color: #d7dae0 }
header { font: 13px/30px "DejaVu Sans Mono"; color: #8b93a1; white-space: pre }
i { float: left; width: 11px; height: 11px; margin: 10px 7px 0 0; border-radius: 50% }
pre { margin: 0; font: 14px/18px "DejaVu Sans Mono" }
"""
BUTTONS = "".join(f'<i style="background: {it}"></i>' for it in ("#ff5f57", "#febc2e", "#28c840"))


def window(title, written, columns, lines):
    """A terminal of this size, after these bytes were written to it."""
    import pyte

    screen = pyte.Screen(columns, lines)
    pyte.ByteStream(screen).feed(written.replace(b"\n", b"\r\n"))
    rows = ["".join(cell(screen.buffer[y][x]) for x in range(columns)) for y in range(lines)]
    return f"<section><header>{BUTTONS}{html.escape(title)}</header><pre>" + "\n".join(rows) + "</pre></section>"


def cell(it):
    style = f"color: {COLORS.get(it.fg, 'inherit')}" + "; font-weight: bold" * it.bold
    style += "; background: #2c313a" * (it.bg != "default" or it.reverse)
    return f'<span style="{style}">{html.escape(it.data)}</span>'


def take(picture, windows, headings=()):
    """Takes the picture of these windows, in two columns, which may have headings."""
    parts = "".join([*(f"<h2>{html.escape(it)}</h2>" for it in headings), *windows])
    page = FOLDER / "terminals.html"
    page.write_text(f'<meta charset="utf-8"><style>{STYLE}</style><div id="all">{parts}</div>')
    with programs.browser(2000, 2000) as browser:
        browser.get(page.as_uri())
        browser.find_element("id", "all").screenshot(str(picture))
