"""Draws the pictures of TEP-CSV.md from the lists in it, as a spreadsheet shows them: python3 ve.py [FOLDER].

It needs Chromium (CHROMIUM names another program), cwebp, and a font for Vietnamese. Cells at fault are coloured.
"""

import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent / "TEP-CSV.md"
LETTER, PADDING, ROW, NUMBERS = 7.6, 14, 25, 34
# The faults of don-vi-loi.csv: row and column of the list, counted from 0.
FAULTS = {(1, 5), (2, 2), (3, 0), (4, 5), (5, 1), (6, 1), (7, 3), (9, 0)}
STYLE = """
body { margin: 0; font: 13px "DejaVu Sans", sans-serif }
table { border-collapse: collapse; table-layout: fixed }
td, th { border: 1px solid #c8ccd2; height: 24px; padding: 0 6px; white-space: nowrap; box-sizing: border-box }
th { background: #eef0f3; color: #555; font-weight: normal; text-align: center }
.head { font-weight: bold; background: #dde6f3 }
.bad { background: #ffd9d6 }
"""


def block(text, language, words):
    """The rows of the fenced block of that language that has these words."""
    for found in re.findall(rf"```{language}\n(.*?)```", text, re.S):
        if words in found:
            return [line.split(";") for line in found.rstrip("\n").split("\n")]
    raise SystemExit(f"no block has {words!r}")


def sheet(rows, faults):
    """The page of a list, and its size in pixels."""
    header = next(row for row in rows if len(row) > 1)
    full = [row for row in rows if len(row) > 1]
    widths = [
        round(max(len(row[place]) if place < len(row) else 0 for row in full) * LETTER) + PADDING
        for place in range(len(header))
    ]
    columns = "".join(f'<col style="width:{width}px">' for width in [NUMBERS, *widths])
    letters = "".join(f"<th>{chr(ord('A') + place)}</th>" for place in range(len(header)))
    body = f"<tr><th></th>{letters}</tr>"
    for number, row in enumerate(rows):
        cells = "".join(
            f'<td class="{kind(row is header, (number, place) in faults)}">'
            f"{html.escape(row[place] if place < len(row) else '')}</td>"
            for place in range(len(header))
        )
        body += f"<tr><th>{number + 1}</th>{cells}</tr>"
    width = sum(widths) + NUMBERS
    page = f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
    page += f'<table style="width:{width}px"><colgroup>{columns}</colgroup>{body}</table>'
    return page, width + 1, (len(rows) + 1) * ROW


def kind(is_head, is_fault):
    return "head" if is_head else "bad" if is_fault else ""


def draw(name, rows, faults, folder):
    page, width, height = sheet(rows, faults)
    with tempfile.TemporaryDirectory() as scratch:
        source, shot = pathlib.Path(scratch, "page.html"), pathlib.Path(scratch, "page.png")
        source.write_text(page, encoding="utf-8")
        browser = [os.environ.get("CHROMIUM", "chromium"), "--headless", "--no-sandbox"]
        browser += [f"--screenshot={shot}", f"--window-size={width},{height}", f"file://{source}"]
        subprocess.run(browser, check=True, capture_output=True, timeout=120)
        squeeze = ["cwebp", "-quiet", "-lossless", str(shot), "-o", str(folder / f"{name}.webp")]
        subprocess.run(squeeze, check=True, timeout=60)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    text = PAGE.read_text(encoding="utf-8")
    lists = {
        "danh-sach": (block(text, "xlsx", "DANH SÁCH ĐƠN VỊ"), set()),
        "danh-sach-loi": (block(text, "csv", "LĐLĐ tỉnh;;;120.000"), FAULTS),
    }
    for name, (rows, faults) in lists.items():
        draw(name, rows, faults, folder)
        # A test holds them against the page: a list that has changed is to be drawn again.
        drawn = "".join(";".join(row) + "\n" for row in rows)
        (folder / f"{name}.txt").write_text(drawn, encoding="utf-8")


main()
