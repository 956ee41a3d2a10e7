// The live page: takes the report in each time that it comes anew, part by part, and leaves alone
// what did not change.
{
  const live = document.getElementById("live");
  const shown = new Map();
  let pointer = null;
  addEventListener("pointermove", (event) => { if (event.isTrusted) pointer = event; });

  const parts = (page) => ["header", "nav", "footer"].map((name) => page.querySelector(name))
    .concat(...page.querySelector("main").children);
  const name = (part) => part.getAttribute("aria-labelledby") || part.tagName;
  const searches = (part) => [...part.querySelectorAll("input[type=search]")];
  const tables = (part) => [...part.querySelectorAll("table[data-sortable]")];
  const head = (table, column) => table.tHead.rows[0].cells[column];

  // Puts one part in the place of another, sorted and searched as that was.
  const replace = (old, fresh) => {
    const orders = tables(old).map((table) => {
      const by = table.querySelector("[aria-sort]");
      return by && { column: by.cellIndex, order: by.getAttribute("aria-sort") };
    });
    const sought = searches(old).map((input) => input.value);
    const theme = old.querySelector(".theme");
    const focused = theme === document.activeElement;
    old.replaceWith(fresh);
    if (theme) fresh.prepend(theme);
    if (theme && focused) theme.focus();
    enhanceCharts(fresh);
    enhanceTables(fresh);
    tables(fresh).forEach((table, i) => {
      const { column, order } = orders[i] || {};
      for (let tries = 0; order && tries < 2; tries++) {
        if (head(table, column).getAttribute("aria-sort") !== order) head(table, column).querySelector("button").click();
      }
    });
    searches(fresh).forEach((input, i) => {
      if (!sought[i]) return;
      input.value = sought[i];
      input.dispatchEvent(new Event("input"));
    });
  };

  const take = (html, isLast) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const [old, fresh] = [parts(document), parts(page)];
    const texts = fresh.map((part) => part.outerHTML);
    document.title = page.querySelector("h1").textContent;
    if (String(old.map(name)) !== String(fresh.map(name))) {
      // There are other parts than before.
      fresh.slice(0, 3).forEach((part, i) => replace(old[i], part));
      replace(document.querySelector("main"), page.querySelector("main"));
      fresh.forEach((part, i) => shown.set(name(part), texts[i]));
      return;
    }
    fresh.forEach((part, i) => {
      if (shown.get(name(part)) === texts[i]) return;
      // What somebody types in or moves through by keys stays until they are done.
      const isUsed = part.tagName === "SECTION" && old[i].contains(document.activeElement);
      if (isUsed && !isLast) return;
      shown.set(name(part), texts[i]);
      replace(old[i], part);
    });
    const under = pointer && document.elementFromPoint(pointer.clientX, pointer.clientY);
    if (under && under.closest(".hover")) under.dispatchEvent(new PointerEvent("pointermove", pointer));
  };

  let isOver = false;
  const source = new EventSource("events");
  source.addEventListener("report", (event) => {
    live.textContent = "";
    take(JSON.parse(event.data), false);
  });
  source.addEventListener("end", (event) => {
    // Stays connected: the program waits for those who look.
    isOver = true;
    live.textContent = "The run is over.";
    take(JSON.parse(event.data), true);
  });
  source.addEventListener("error", () => {
    if (isOver) source.close();
    else live.textContent = "There is no connection to the run. This is what it told last.";
  });
  // A page that is kept for the way back watches no more.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
