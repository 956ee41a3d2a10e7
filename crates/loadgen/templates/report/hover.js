// Values under the pointer, or under the cursor that the arrow keys move. Charts over time share it.
const enhanceCharts = (root) => {
  const list = (text) => text ? text.split("|") : [];
  const number = (text) => Number(text).toLocaleString("en");

  // What a chart can tell: for each place one text for each key.
  const curves = (svg) => {
    const values = [...svg.querySelectorAll("[data-values]")].map((curve) => list(curve.dataset.values));
    return (index) => values.map((of) => of[index]);
  };

  // The cell at a height, in thousandths from the top, or the fullest one if there is no height.
  const cells = (svg) => {
    const columns = list(svg.dataset.cells);
    const rows = list(svg.dataset.rows);
    const edges = list(svg.dataset.edges).map(Number);
    return (index, height) => {
      const [first, counts] = (columns[index] || "0:").split(":");
      const amounts = counts.split(",").map(Number);
      const row = height === null ? amounts.indexOf(Math.max(...amounts)) + Number(first)
        : edges.findIndex((edge, i) => height <= edge && height > edges[i + 1]);
      // The first two keys say what the shades mean.
      return ["", "", row in rows ? rows[row] + ": " + number(amounts[row - first] || 0) + " requests" : ""];
    };
  };

  const charts = [...root.querySelectorAll("figure")].map((figure) => {
    const svg = figure.querySelector("svg.chart");
    return {
      title: figure.querySelector("h3").textContent,
      time: "time" in figure.dataset,
      plot: figure.querySelector(".plot"),
      at: figure.querySelector(".at"),
      keys: [...figure.querySelectorAll(".keys li")],
      outputs: [...figure.querySelectorAll(".keys b")],
      places: list(svg.dataset.places).map(Number),
      names: list(svg.dataset.names),
      tell: "cells" in svg.dataset ? cells(svg) : curves(svg),
      cursor: create("div", { className: "cursor", hidden: true }),
    };
  });

  const nearest = (places, place) => {
    let best = 0;
    places.forEach((p, i) => { if (Math.abs(p - place) < Math.abs(places[best] - place)) best = i; });
    return best;
  };

  const hide = (chart) => {
    chart.cursor.hidden = true;
    chart.at.textContent = "";
    for (const output of chart.outputs) output.textContent = "";
  };

  const show = (chart, index, height) => {
    if (!chart.places.length) return;
    chart.cursor.hidden = false;
    chart.cursor.style.left = chart.places[index] / 10 + "%";
    chart.at.textContent = chart.names[index];
    const values = chart.tell(index, height);
    chart.outputs.forEach((output, i) => { output.textContent = values[i]; });
  };

  for (const chart of charts) {
    const others = charts.filter((other) => other !== chart && other.time && chart.time);
    const layer = create("div", { className: "hover", tabIndex: 0 });
    layer.setAttribute("role", "application");
    layer.setAttribute("aria-label", chart.title + ": values by the arrow keys");
    let index = null;
    const move = (to, height) => {
      index = to;
      show(chart, index, height);
      for (const other of others) show(other, nearest(other.places, chart.places[index]), null);
    };
    const leave = () => {
      index = null;
      [chart, ...others].forEach(hide);
    };
    layer.addEventListener("pointermove", (event) => {
      const box = layer.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      move(nearest(chart.places, x * 1000), y * 1000);
    });
    layer.addEventListener("pointerleave", leave);
    layer.addEventListener("blur", leave);
    layer.addEventListener("keydown", (event) => {
      const last = chart.places.length - 1;
      // The first step from outside leads to the nearer end.
      const by = (step) => index === null ? (step < 0 ? last : 0) : Math.min(last, Math.max(0, index + step));
      const keys = { ArrowLeft: by(-1), ArrowRight: by(1), PageUp: by(10), PageDown: by(-10), Home: 0, End: last };
      const to = keys[event.key];
      if (to === undefined || last < 0) return;
      event.preventDefault();
      move(to, null);
      document.getElementById("spoken").textContent =
        chart.names[index] + ": " + chart.keys.map((key) => key.textContent.trim()).join(", ");
    });
    chart.plot.append(chart.cursor, layer);
  }
};
