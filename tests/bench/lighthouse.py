#!/usr/bin/env python3
"""Lighthouse for mobile on each template of a made-up site, performance too.

    BANSOS_BIN=… BANSOS_API_BIN=… tests/bench/lighthouse.py > tests/bench/LIGHTHOUSE.md

Needs Chromium and the npm packages of tests/browser (scripts/need).
"""

import os
import re
import subprocess
import sys

import common

SCRIPT = os.path.join(os.path.dirname(common.HERE), "browser", "lighthouse.mjs")


def main():
    data = common.office("0.02", 4)
    # An address that others reach, so that pages name themselves as they will.
    common.run(common.BANSOS, "--data", data, "site", "--address", "https://bansos.example.go.id")
    server, base = common.start_server(data, "--site", os.path.join(data, "site", "current"))
    print("# Lighthouse, mobile\n")
    print(common.machine())
    print("Five made-up districts of four months, a page of each template, under Lighthouse's slow phone and slow network.\n", flush=True)
    done = subprocess.run(["node", SCRIPT, base, "--performance"], stdout=subprocess.PIPE, text=True)
    print(done.stdout.strip())
    scores = [[int(one) for one in re.findall(r"\d+", line.split("|", 2)[2])[:4]] for line in done.stdout.splitlines() if line.startswith("| /")]
    if not scores:
        sys.exit("Lighthouse gave nothing")
    least = [min(one[at] for one in scores) for at in range(4)]
    common.goal("Lighthouse mobile, the least of all templates: performance, accessibility, best practices, search engines", "100 each",
                ", ".join(map(str, least)), min(least) == 100)
    common.stop(server)


if __name__ == "__main__":
    try:
        main()
    finally:
        common.stop_all()
