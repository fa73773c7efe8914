import json
import urllib.request


def get(path):
    with urllib.request.urlopen("{{host}}" + path) as answer:
        return json.load(answer)


# {{program}} per kecamatan, {{name}}, {{period}}
for one in get("/v1/statistics/totals?area={{area}}&level=kecamatan&program={{program}}&period={{period}}")["data"]:
    print(one["area"], one["value"], one["status"])

# {{kecamatan_name}}
path, rows = "/v1/recipients?area={{kecamatan}}&program={{program}}&limit=1000", []
while path:
    page = get(path)
    rows += page["data"]
    path = page["next"]
print(len(rows), "/", page["total"])
