"""What the check-* tools share: C source without its comments."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read(path):
    """The text of a file below the top directory."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def blank(text):
    """Blanks in place of text, line ends kept."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """Strings stay."""
    return TOKEN.sub(
        lambda m: blank(m[0]) if m[0].startswith("/") else m[0], text)


def code_only(text):
    """Neither comments nor what stands in strings."""
    return TOKEN.sub(lambda m: blank(m[0]), text)


def line_of(text, offset):
    """The number of the line an offset is on."""
    return text.count("\n", 0, offset) + 1


def files(*patterns):
    """Sorted paths relative to the top directory."""
    found = set()
    for pattern in patterns:
        found.update(glob.glob(pattern, root_dir=ROOT))
    return sorted(found)


def finish(name, findings):
    """Print the findings; the exit status."""
    for finding in findings:
        print(f"{name}: {finding}", file=sys.stderr)
    return 1 if findings else 0
