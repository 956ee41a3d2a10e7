// Hover values, sorting and search. The page is whole without them.
"use strict";

const create = (name, props, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};

// One cursor for all charts over time, one each for the others.
const charts = [...document.querySelectorAll("figure")].map((figure) => {
  const svg = figure.querySelector("svg.chart");
  const curves = [...svg.querySelectorAll("[data-values]")];
  return {
    time: "time" in figure.dataset,
    plot: figure.querySelector(".plot"),
    at: figure.querySelector(".at"),
    keys: [...figure.querySelectorAll(".keys li")],
    outputs: [...figure.querySelectorAll(".keys b")],
    places: svg.dataset.places.split("|").map(Number),
    names: svg.dataset.names.split("|"),
    values: curves.map((curve) => curve.dataset.values.split("|")),
    cursor: create("div", { className: "cursor", hidden: true }),
  };
});

const show = (source, index) => {
  for (const chart of charts) {
    if (chart !== source && !(chart.time && source.time)) continue;
    const on = index !== null;
    chart.cursor.hidden = !on;
    chart.at.textContent = on ? chart.names[index] : "";
    chart.outputs.forEach((output, i) => { output.textContent = on ? chart.values[i][index] : ""; });
    if (on) chart.cursor.style.left = chart.places[index] / 10 + "%";
  }
};

const nearest = (places, place) => {
  let best = 0;
  places.forEach((p, i) => { if (Math.abs(p - place) < Math.abs(places[best] - place)) best = i; });
  return best;
};

for (const chart of charts) {
  const layer = create("div", { className: "hover", tabIndex: 0 });
  layer.setAttribute("role", "application");
  layer.setAttribute("aria-label", "Values of the chart, by the arrow keys");
  let index = null;
  layer.addEventListener("pointermove", (event) => {
    const box = layer.getBoundingClientRect();
    index = nearest(chart.places, ((event.clientX - box.left) / box.width) * 1000);
    show(chart, index);
  });
  const hide = () => { index = null; show(chart, null); };
  layer.addEventListener("pointerleave", hide);
  layer.addEventListener("blur", hide);
  layer.addEventListener("keydown", (event) => {
    const last = chart.places.length - 1;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -last, End: last }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    index = index === null ? (step < 0 ? last : 0) : Math.min(last, Math.max(0, index + step));
    show(chart, index);
    document.getElementById("spoken").textContent =
      chart.names[index] + ": " + chart.keys.map((key) => key.textContent.trim()).join(", ");
  });
  chart.plot.append(chart.cursor, layer);
}

const key = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim().replace(/^([\d,.]+)%?$/, (_, number) => number.replaceAll(",", ""));
};

// Numbers by value, then text; what has no value comes last in both directions.
const compare = (a, b, direction) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
  return order * direction;
};

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = create("button", { type: "button" }, ...head.childNodes);
    button.addEventListener("click", () => {
      const first = head.classList.contains("n") ? "descending" : "ascending";
      const second = first === "ascending" ? "descending" : "ascending";
      const wanted = head.getAttribute("aria-sort") === first ? second : first;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", wanted);
      const direction = wanted === "ascending" ? 1 : -1;
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => compare(key(a, column), key(b, column), direction));
      table.tBodies[0].append(...rows);
    });
    head.append(button);
  });
}

for (const table of document.querySelectorAll("table[data-search]")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 8) continue;
  const input = create("input", { type: "search", autocomplete: "off" });
  const count = create("span", {});
  count.setAttribute("aria-live", "polite");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = words.length ? shown + " of " + rows.length : "";
  });
  const label = create("label", {}, "Search " + table.dataset.search + " ", input);
  table.parentElement.before(create("div", { className: "search" }, label, count));
}
