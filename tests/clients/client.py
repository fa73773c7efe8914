"""A program that knows nothing but the client that openapi-python-client made:
it fetches recipients, statistics and releases.

    client.py FOLDER BASE    FOLDER holds the package `made`
"""

import importlib
import json
import pkgutil
import sys

folder, base = sys.argv[1:]
sys.path.insert(0, folder)

import made  # noqa: E402
from made.api.entry import get_entry  # noqa: E402
from made.api.recipients import list_recipients  # noqa: E402
from made.api.releases import get_release, list_releases  # noqa: E402
from made.api.statistics import list_totals  # noqa: E402
from made.models import ListRecipientsProgram, ListTotalsLevel, ListTotalsProgram, Problem  # noqa: E402

modules = [one.name for one in pkgutil.walk_packages(made.__path__, "made.")]
for name in modules:
    importlib.import_module(name)

client = made.Client(base_url=base, raise_on_unexpected_status=True)
entry = get_entry.sync(client=client)
district = entry.districts[0]

rows, cursor = [], made.types.UNSET
while cursor is not None:
    page = list_recipients.sync(client=client, area=district.code, program=ListRecipientsProgram.PKH, limit=1000, cursor=cursor)
    rows += page.data
    cursor = page.next_cursor or None
assert len(rows) == page.total, (len(rows), page.total)

totals = list_totals.sync(client=client, area=district.code, level=ListTotalsLevel.KABUPATEN, program=ListTotalsProgram.PKH)
cell = totals.data[0]
release = get_release.sync(district.release, client=client)
assert district.release in [one.release for one in list_releases.sync(client=client).data]

wrong = list_recipients.sync(client=client, area="99.99")
assert isinstance(wrong, Problem) and wrong.code == "unknown-value", wrong

print(json.dumps({"rows": len(rows), "value": cell.value, "release": release.release, "period": cell.period, "modules": len(modules)}))
