// Completes names of areas in the search box, and sorts tables that say so.
// Without it the box leads to the list of all areas, and tables keep their order.
"use strict";
(() => {
  const english = document.documentElement.lang === "en";
  // Where the site stands on its host, and the language within it.
  const root = new URL(document.currentScript.src).pathname.replace(/\/site\.js$/, "");
  const here = root + (english ? "/en" : "");
  const plain = (text) => text.normalize("NFD").replace(/[̀-ͯ'’]/g, "").toLowerCase();

  const form = document.querySelector("form.search");
  const input = form?.querySelector("input");
  let areas;
  // A country of districts is too much at once: then only their names, and the one that is read.
  const MANY = 12;
  const fetchJson = (address) => fetch(root + address).then((answer) => (answer.ok ? answer.json() : []));
  const load = () =>
    (areas ??= fetchJson("/cari/indeks.json").then(async (districts) => {
      const found = districts.map(([name, path]) => ({ name, of: "", url: path }));
      const near = districts.length > MANY ? districts.filter(([, path]) => location.pathname.startsWith(here + path)) : districts;
      const lists = await Promise.all(near.map(([, , file]) => fetchJson(file)));
      lists.forEach((list, at) => {
        const [district, path] = near[at];
        for (const [kecamatan, folder, villages] of list) {
          found.push({ name: kecamatan, of: district, url: path + folder });
          for (const [name, own] of villages) found.push({ name, of: `${kecamatan}, ${district}`, url: path + folder + own });
        }
      });
      for (const one of found) one.key = plain(one.name);
      return found;
    }, () => []));

  if (form && input) {
    const list = document.createElement("ul");
    list.id = "temu";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label"));
    form.append(list);
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "temu"], ["aria-autocomplete", "list"], ["autocomplete", "off"]]) input.setAttribute(name, value);
    let shown = [];
    let at = -1;
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (next) => {
      at = next;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
      if (at >= 0) input.setAttribute("aria-activedescendant", list.children[at].id), list.children[at].scrollIntoView({ block: "nearest" });
      else input.removeAttribute("aria-activedescendant");
    };
    const go = (one) => location.assign(here + one.url);
    const show = async () => {
      const wanted = plain(input.value.trim());
      if (wanted.length < 2) return close();
      const all = await load();
      if (plain(input.value.trim()) !== wanted) return;
      // Those that begin so, before those that hold it.
      shown = [...all.filter((one) => one.key.startsWith(wanted)), ...all.filter((one) => one.key.indexOf(wanted) > 0)].slice(0, 8);
      list.replaceChildren(
        ...shown.map((one, i) => {
          const item = document.createElement("li");
          item.id = `temu-${i}`;
          item.setAttribute("role", "option");
          const of = document.createElement("small");
          of.textContent = one.of;
          item.append(one.name, " ", of);
          item.addEventListener("mousedown", (event) => (event.preventDefault(), go(one)));
          return item;
        }),
      );
      list.hidden = shown.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(-1);
    };
    input.addEventListener("focus", load, { once: true });
    input.addEventListener("input", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return close();
      if (list.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((at + step + shown.length + (at < 0 && step < 0 ? 1 : 0)) % shown.length);
    });
    form.addEventListener("submit", (event) => {
      if (shown.length === 0 || list.hidden) return;
      event.preventDefault();
      go(shown[Math.max(at, 0)]);
    });
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const [body] = table.tBodies;
    const heads = [...table.tHead.rows[0].cells];
    const key = (row, column) => {
      const text = row.cells[column].textContent.trim();
      const digits = text.replace(/\D/g, "");
      return column === 0 ? text : digits === "" || text.includes("–") ? -1 : Number(digits);
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== (column === 0 ? "ascending" : "descending");
        const way = (column === 0) === down ? 1 : -1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [key(row, column), row]);
        rows.sort(([a], [b]) => way * (typeof a === "string" ? a.localeCompare(b, "id") : a - b));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
})();
