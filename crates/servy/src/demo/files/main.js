// Small comforts: a reading-progress line, headings that can be linked to, and dates in words.
(() => {
  "use strict";

  const progress = () => {
    const bar = document.createElement("div");
    bar.className = "progress";
    document.body.append(bar);
    const draw = () => {
      const room = document.documentElement.scrollHeight - innerHeight;
      bar.style.width = room > 0 ? `${(100 * scrollY) / room}%` : "0";
    };
    addEventListener("scroll", draw, { passive: true });
    addEventListener("resize", draw, { passive: true });
    draw();
  };

  const anchors = () => {
    for (const heading of document.querySelectorAll("article h2[id]")) {
      const link = document.createElement("a");
      link.href = `#${heading.id}`;
      link.className = "quiet";
      link.textContent = " §";
      link.setAttribute("aria-label", "link to this section");
      heading.append(link);
    }
  };

  const dates = () => {
    const words = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" });
    for (const time of document.querySelectorAll("time[datetime]")) {
      const date = new Date(`${time.dateTime}T00:00:00Z`);
      if (!Number.isNaN(date.valueOf())) time.textContent = words.format(date);
    }
  };

  if (document.querySelector("article")) progress();
  anchors();
  dates();
})();
