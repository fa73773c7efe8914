#!/usr/bin/env python3
"""The goals that the benches measured, as one table: the end of `make bench`.
Speed is told, not tested: a goal that is not met is no failure. A bench that
ended early is one."""

import json
import os
import sys

import common

PATH = os.path.join(common.WORK, "goals.jsonl")


def main():
    if sys.argv[1:2] == ["failed"]:
        common.goal(f"bench {sys.argv[2]}", "runs", "failed", False)
        return
    goals = []
    if os.path.exists(PATH):
        with open(PATH, encoding="utf-8") as file:
            goals = [json.loads(line) for line in file]
    print("| goal | wanted | measured | met |\n|---|---|---|---|")
    for one in goals:
        print(f"| {one['goal']} | {one['wanted']} | {one['figure']} | {'yes' if one['met'] else 'NO'} |")
    if not goals or any(one["figure"] == "failed" for one in goals):
        sys.exit("a bench did not run to its end")


if __name__ == "__main__":
    main()
