"use strict";
// The table is sorted by its headings, the sentences by the box beside the filter.
(() => {
  const body = document.querySelector("#voices tbody");
  const heads = [...document.querySelectorAll("#voices thead th")];

  function sortBy(column, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const value = (row) => row.children[column].dataset.value;
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      // A figure that is missing comes last, whichever way.
      if (a === "" || b === "") return (a === "") - (b === "");
      return sign * (column === 0 ? a.localeCompare(b) : Number(a) - Number(b));
    });
    body.append(...rows);
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", direction);
  }

  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const turned = now === "ascending" ? "descending" : "ascending";
      sortBy(column, now ? turned : head.dataset.first);
    });
  });

  const list = document.getElementById("sentences");
  const articles = [...list.children];
  const find = document.getElementById("find");
  const order = document.getElementById("order");
  const found = document.getElementById("found");

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const article of articles) {
      const text = article.querySelector("h3").textContent.toLowerCase();
      article.hidden = !words.every((word) => text.includes(word));
      shown += !article.hidden;
    }
    found.textContent = words.length ? `${shown} of ${articles.length}` : "";
  }

  function arrange() {
    const value = (article) => Number(article.dataset[order.value]);
    const sign = order.value === "number" ? 1 : -1;
    list.append(...[...articles].sort((a, b) =>
      sign * (value(a) - value(b)) || a.dataset.number - b.dataset.number));
  }

  find.addEventListener("input", filter);
  order.addEventListener("change", arrange);

  // One sound at a time.
  document.addEventListener("play", (event) => {
    for (const sound of document.querySelectorAll("audio")) {
      if (sound !== event.target) sound.pause();
    }
  }, true);

  list.addEventListener("click", (event) => {
    if (!event.target.matches("img.mel")) return;
    const sound = event.target.closest("figure").querySelector("audio");
    const share = event.offsetX / event.target.clientWidth;
    const start = () => {
      sound.currentTime = share * sound.duration;
      sound.play();
    };
    if (sound.readyState > 0) start();
    else {
      sound.addEventListener("loadedmetadata", start, { once: true });
      sound.preload = "auto";
      sound.load();
    }
  });
})();
