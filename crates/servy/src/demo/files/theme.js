// The theme of the last visit, set before anything is painted, so that nothing flashes.
(() => {
  "use strict";
  const KEY = "tidewater-theme";
  const THEMES = ["auto", "light", "dark"];

  const stored = () => {
    try {
      const theme = localStorage.getItem(KEY);
      return THEMES.includes(theme) ? theme : "auto";
    } catch {
      return "auto"; // Storage may be switched off; the system's choice is a fine one.
    }
  };

  const apply = (theme) => {
    const root = document.documentElement;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };

  const next = (theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];

  apply(stored());

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-button]");
    if (!button) return;
    const label = () => { button.textContent = `theme: ${stored()}`; };
    button.addEventListener("click", () => {
      const theme = next(stored());
      try { localStorage.setItem(KEY, theme); } catch { /* Then it lasts for this page. */ }
      apply(theme);
      label();
    });
    label();
  });
})();
