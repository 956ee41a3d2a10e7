// Search without a server: one JSON file, every word must occur.
(() => {
  "use strict";
  const field = document.querySelector("input[type=search]");
  const results = document.querySelector("[data-results]");
  if (!field || !results) return;

  let loading;
  const posts = () => (loading ??= fetch("/search.json").then((answer) => {
    if (!answer.ok) throw new Error(`the index answered ${answer.status}`);
    return answer.json();
  }));

  const matches = (post, words) => {
    const text = `${post.title} ${post.tag} ${post.summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };

  const item = (post) => {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = post.url;
    link.textContent = post.title;
    const date = document.createElement("time");
    date.dateTime = date.textContent = post.date;
    row.append(date, link);
    return row;
  };

  const search = async () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    try {
      const found = words.length ? (await posts()).filter((post) => matches(post, words)) : [];
      results.replaceChildren(...found.map(item));
    } catch (error) {
      results.textContent = error.message;
    }
  };

  field.addEventListener("input", search);
  field.addEventListener("focus", () => posts().catch(() => { loading = undefined; }));
})();
