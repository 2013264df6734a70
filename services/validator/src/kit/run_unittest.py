"""Runs `unittest` discovery and writes a JUnit report beside what unittest prints. Usage: run_unittest.py REPORT [FOLDER]"""
import os
import sys
import time
import unittest
from xml.etree import ElementTree


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = []
        self._began = {}

    def startTest(self, test):
        self._began[test] = time.perf_counter()
        super().startTest(test)

    def _note(self, test, kind=None, text=""):
        seconds = time.perf_counter() - self._began.get(test, time.perf_counter())
        self.cases.append((test, kind, text, seconds))

    def addSuccess(self, test):
        super().addSuccess(test)
        self._note(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failure", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._note(test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._note(test, "failure", "unexpected success")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            listed = self.failures if issubclass(err[0], test.failureException) else self.errors
            self._note(subtest, "failure", listed[-1][1])


def clean(text):
    return "".join(c for c in text if c in "\t\n" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE)


def main(report, start="."):
    sys.path.insert(0, os.getcwd())
    # A folder that is no package is its own top.
    top = "." if start == "." or os.path.isfile(os.path.join(start, "__init__.py")) else start
    suite = unittest.defaultTestLoader.discover(start, top_level_dir=top)
    # Folders without __init__.py are not searched from the top.
    if suite.countTestCases() == 0:
        for folder in ("tests", "test"):
            if os.path.isdir(os.path.join(start, folder)):
                suite.addTests(unittest.defaultTestLoader.discover(os.path.join(start, folder)))
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    root = ElementTree.Element("testsuite", name="unittest", tests=str(len(result.cases)))
    for test, kind, text, seconds in result.cases:
        scope, _, name = test.id().rpartition(".")
        case = ElementTree.SubElement(root, "testcase", classname=clean(scope), name=clean(name), time="%.6f" % seconds)
        if kind is not None:
            ElementTree.SubElement(case, kind, message=clean(text.strip().split("\n")[-1])).text = clean(text)
    ElementTree.ElementTree(root).write(report, encoding="utf-8", xml_declaration=True)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
