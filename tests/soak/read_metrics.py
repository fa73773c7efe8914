#!/usr/bin/env python3
"""Reads what an admin port said at /metrics by the parsers of Prometheus' own
Python client, and checks what a parser does not: that what is promised is there,
that histograms add up, and that labels are of few values.

    read_metrics.py CLASSIC OPENMETRICS
"""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as classic

# Family (as OpenMetrics names it), kind, labels.
PROMISED = {
    "bansos_http_requests": ("counter", {"route", "status"}),
    "bansos_http_request_duration_seconds": ("histogram", {"route"}),
    "bansos_http_response_bytes": ("counter", set()),
    "bansos_http_responses_cut": ("counter", set()),
    "bansos_http_requests_in_flight": ("gauge", set()),
    "bansos_http_streams_in_flight": ("gauge", set()),
    "bansos_cache_requests": ("counter", {"result"}),
    "bansos_cache_entries": ("gauge", set()),
    "bansos_cache_size_bytes": ("gauge", set()),
    "bansos_cache_limit_bytes": ("gauge", set()),
    "bansos_quota_decisions": ("counter", {"policy", "decision"}),
    "bansos_quota_clients": ("gauge", set()),
    "bansos_quota_table_bytes": ("gauge", set()),
    "bansos_connections": ("gauge", {"state"}),
    "bansos_connections_opened": ("counter", set()),
    "bansos_connections_closed": ("counter", set()),
    "bansos_connections_refused": ("counter", set()),
    "bansos_catalogue_connections": ("gauge", {"state"}),
    "bansos_catalogue_connections_limit": ("gauge", set()),
    "bansos_catalogue_waits": ("counter", set()),
    "bansos_catalogue_timeouts": ("counter", set()),
    "bansos_catalogue_reachable": ("gauge", set()),
    "bansos_catalogue_version": ("gauge", set()),
    "bansos_release_age_seconds": ("gauge", {"district", "release"}),
    "bansos_build_info": ("gauge", {"version", "profile"}),
    "bansos_panics": ("counter", set()),
    "process_resident_memory_bytes": ("gauge", set()),
    "process_open_fds": ("gauge", set()),
    "process_start_time_seconds": ("gauge", set()),
}


def samples(families):
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        old = list(classic(file.read()))
    with open(sys.argv[2], encoding="utf-8") as file:
        new = list(open_metrics(file.read()))
    wrong = []
    found = {family.name: family for family in new}
    for name, (kind, labels) in PROMISED.items():
        family = found.get(name)
        if family is None:
            wrong.append(f"{name} is not there")
            continue
        if family.type != kind:
            wrong.append(f"{name} is a {family.type}, promised a {kind}")
        if not family.documentation:
            wrong.append(f"{name} says nothing of itself")
        for one in family.samples:
            if set(one.labels) - {"le"} != labels:
                wrong.append(f"{one.name} has the labels {sorted(one.labels)}, promised {sorted(labels)}")
    # Both formats say the same of what does not change from one reading to the next.
    kinds = {family.name: family.type for family in old}
    for name, (kind, _) in PROMISED.items():
        old_name = name if kind != "counter" else name
        if kinds.get(old_name) != kind:
            wrong.append(f"{name} is a {kinds.get(old_name)} in the older format, promised a {kind}")
    first, second = samples(old), samples(new)
    missing = set(first) ^ set(second)
    if missing:
        wrong.append(f"only one of the formats has {sorted(missing)[:5]}")
    for (name, labels), value in second.items():
        if name == "bansos_http_request_duration_seconds_count":
            route = dict(labels)["route"]
            answered = sum(v for (n, l), v in second.items() if n == "bansos_http_requests_total" and dict(l)["route"] == route)
            if answered != value:
                wrong.append(f"{route}: {answered} requests, {value} durations")
        if name == "bansos_release_age_seconds" and not 0 <= value < 400 * 86400:
            wrong.append(f"{dict(labels)}: {value} s old")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(new)} families, {len(second)} samples, read in both formats")


if __name__ == "__main__":
    main()
