"""Checks that every Python file of the workspace parses, without importing any of them."""
import os
import sys

SKIP = {".git", ".hg", ".tox", ".venv", "venv", "env", "node_modules", "build", "dist", "__pycache__"}


def main():
    failed = False
    for folder, names, files in os.walk("."):
        names[:] = sorted(name for name in names if name not in SKIP and not name.startswith("."))
        for name in sorted(files):
            if not name.endswith(".py"):
                continue
            path = os.path.relpath(os.path.join(folder, name))
            try:
                with open(path, "rb") as source:
                    compile(source.read(), path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                failed = True
                line = getattr(error, "lineno", None) or 1
                print('  File "%s", line %d' % (path, line))
                print("%s: %s" % (type(error).__name__, getattr(error, "msg", error)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
