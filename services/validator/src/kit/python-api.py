"""What a change does to the public names of Python packages. Only parses: nothing of them is imported.

Usage: python-api.py NAME SEARCHED, in a folder with the trees `old` and `new`; SEARCHED is the folder below each tree that
the package lies in. Prints {"api": [{"name", "why", "file"}]} last.
"""
import json
import os
import sys

import griffe

# Values, defaults and annotations change without breaking anybody; the rest of what griffe tells is a break.
TOLD = {
    "PARAMETER_REMOVED": "the parameter {old} is gone",
    "PARAMETER_MOVED": "the parameter {old} has another position",
    "PARAMETER_CHANGED_KIND": "the parameter {old} is given in another way",
    "PARAMETER_CHANGED_REQUIRED": "the parameter {new} has to be given now",
    "PARAMETER_ADDED_REQUIRED": "the parameter {new} is new and has to be given",
    "OBJECT_REMOVED": "",
    "OBJECT_CHANGED_KIND": "it is another kind of thing",
    "CLASS_REMOVED_BASE": "a base class is gone",
}
MAX_FOUND = 60


def load(side, name, searched):
    package = griffe.load(
        name,
        search_paths=[os.path.join(side, searched)],
        allow_inspection=False,
        resolve_aliases=True,
        resolve_external=False,
        store_source=False,
    )
    return package


def name_of(value):
    return getattr(value, "name", None) or ""


def main(name, searched):
    found = []
    seen = set()
    for breakage in griffe.find_breaking_changes(load("old", name, searched), load("new", name, searched)):
        why = TOLD.get(breakage.kind.name)
        path = breakage.obj.path
        if why is None or (path, why) in seen:
            continue
        seen.add((path, why))
        owner = breakage.obj.parent if breakage.obj.is_alias else breakage.obj
        file = os.path.relpath(str(owner.filepath), "old") if not isinstance(owner.filepath, list) else ""
        why = why.format(old=name_of(breakage.old_value), new=name_of(breakage.new_value))
        found.append({"name": path, "why": why, "file": file.removeprefix("../new/")})
        if len(found) >= MAX_FOUND:
            break
    print(json.dumps({"api": found}))


main(*sys.argv[1:])
