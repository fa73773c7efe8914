const get = async (path) => {
  const answer = await fetch("{{host}}" + path);
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.json();
};

// {{program}} per kecamatan, {{name}}, {{period}}
const totals = await get("/v1/statistics/totals?area={{area}}&level=kecamatan&program={{program}}&period={{period}}");
for (const one of totals.data) console.log(one.area, one.value, one.status);

// {{kecamatan_name}}
let page = { next: "/v1/recipients?area={{kecamatan}}&program={{program}}&limit=1000" };
const rows = [];
while (page.next) {
  page = await get(page.next);
  rows.push(...page.data);
}
console.log(rows.length, "/", page.total);
