"""Counts one suite's JUnit report and shows what failed in it.

Usage: junit.py REPORT EXIT_STATUS    prints `PASSED FAILED SKIPPED` on stdout, the failures on stderr.
A suite that ended badly without a failure in its report, or without a report, counts as one failure: something did not run.
"""

import os
import sys
import xml.etree.ElementTree

SHOWN_LINES = 40


def results(report: str) -> tuple[int, list[tuple[str, str]], int]:
    passed, failures, skipped = 0, [], 0
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        faults = [child for child in case if child.tag in ("failure", "error")]
        if faults:
            text = "\n".join(filter(None, [faults[0].get("message"), faults[0].text, case.findtext("system-out")]))
            failures.append((f"{case.get('classname', '')} {case.get('name', '')}".strip(), text))
        elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            skipped += 1
        else:
            passed += 1
    return passed, failures, skipped


def main() -> None:
    report, status = sys.argv[1], int(sys.argv[2])
    passed, failures, skipped = 0, [], 0
    try:
        passed, failures, skipped = results(report)
    except (OSError, xml.etree.ElementTree.ParseError) as fault:
        failures = [("the whole suite", f"it left no report: {fault}")]
    if status != 0 and not failures:
        failures = [("the whole suite", f"it ended with status {status} although no test of its report failed")]
    if passed == 0 and not failures:
        failures = [("the whole suite", "it ran no test")]
    for name, text in failures:
        lines = text.strip().splitlines()
        print(f"    FAILED {name}", *(f"        {line}" for line in lines[-SHOWN_LINES:]), sep=os.linesep, file=sys.stderr)
    print(passed, len(failures), skipped)


if __name__ == "__main__":
    main()
