// Sorting and search.
const enhanceTables = (root) => {
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

  for (const table of root.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
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

  for (const table of root.querySelectorAll("table[data-search]")) {
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
};
