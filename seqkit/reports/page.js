"use strict";
// Unpacks plotly.js and the numbers, draws each figure when it comes into view, searches, sorts and prints.
(async () => {
  const PAPER = 680; // pixels, the width of A4 between its margins
  const GAP = 10; // between two panels in a row
  const config = { responsive: true, displayModeBar: false };
  let figures, columns;

  async function unpacked(id) {
    const element = document.getElementById(id);
    const letters = atob(element.textContent);
    element.remove();
    const bytes = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // {"@": 3, "from": 24, "to": 36} stands for rows of the column 3; {"across": [...]} for rows of several columns.
  function filled(value) {
    if (Array.isArray(value)) return value.map(filled);
    if (value === null || typeof value !== "object") return value;
    if ("across" in value) {
      const parts = value.across.map(filled);
      return parts[0].map((_, row) => parts.map((part) => part[row]));
    }
    if (!("@" in value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part)]));
    const column = columns[value["@"]];
    if ("rows" in value) return value.rows.map((row) => column[row]);
    return "from" in value ? column.slice(value.from, value.to) : column;
  }

  function draw(holder) {
    if (holder.dataset.drawn) return;
    holder.dataset.drawn = "yes";
    const figure = filled(figures[holder.dataset.figure]);
    figure.layout.font.family = getComputedStyle(document.body).fontFamily;
    Plotly.newPlot(holder, figure.data, figure.layout, config);
    if (holder.dataset.fits) holder.on("plotly_relayout", (change) => fit(holder, change));
  }

  // The vertical axis follows the rows between the ends of the horizontal one.
  function fit(holder, change) {
    if (!Object.keys(change).some((key) => key.startsWith("xaxis."))) return;
    const [first, last] = holder.layout.xaxis.range.map((end) => new Date(end).getTime());
    let low = Infinity, high = -Infinity;
    for (const trace of holder.data) {
      if (trace.visible === "legendonly") continue;
      trace.x.forEach((stamp, at) => {
        const time = new Date(stamp).getTime(), value = trace.y[at];
        if (value !== null && time >= first && time <= last) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      });
    }
    const margin = 0.06 * (high - low) || 1;
    if (low <= high) Plotly.relayout(holder, { "yaxis.range": [low - margin, high + margin] });
  }

  const holders = () => [...document.querySelectorAll(".figure")];
  const isShown = (holder) => !holder.closest(".panel[hidden]");

  function search(panels) {
    const input = panels.querySelector("input"), order = panels.querySelector("select");
    const grid = panels.querySelector(".grid"), count = panels.querySelector("output");
    const all = [...grid.children];
    const plain = (text) => text.normalize("NFKC").toLowerCase();
    const names = all.map((panel) => plain(panel.dataset.name));
    const ranks = all.map((panel) => panel.dataset.ranks.split(" ").map(Number));
    function filter() {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      all.forEach((panel, at) => {
        panel.hidden = !words.every((word) => names[at].includes(word));
        shown += !panel.hidden;
      });
      count.textContent = `${shown} of ${all.length} ${panels.dataset.what}`;
    }
    function sort() {
      const by = Number(order.value), places = all.map((_, at) => at);
      if (by >= 0) places.sort((one, other) => ranks[one][by] - ranks[other][by]);
      grid.append(...places.map((at) => all[at]));
    }
    input.addEventListener("input", filter);
    if (order) order.addEventListener("change", sort);
    filter();
  }

  function toPaper() {
    for (const details of document.querySelectorAll("details:not([open])")) {
      details.dataset.wasClosed = "yes";
      details.open = true;
    }
    for (const holder of holders().filter(isShown)) {
      draw(holder);
      const width = holder.closest(".panel") ? (PAPER - GAP) / 2 : PAPER;
      Plotly.relayout(holder, { width, autosize: false });
    }
  }

  function toScreen() {
    for (const details of document.querySelectorAll("details[data-was-closed]")) {
      delete details.dataset.wasClosed;
      details.open = false;
    }
    for (const holder of holders().filter((one) => one.dataset.drawn))
      Plotly.relayout(holder, { width: null, autosize: true });
  }

  document.querySelectorAll(".panels").forEach(search);
  document.getElementById("print").addEventListener("click", () => window.print());
  try {
    const library = document.createElement("script");
    library.textContent = await unpacked("packed-library");
    document.head.append(library);
    ({ figures, columns } = JSON.parse(await unpacked("packed-figures")));
  } catch {
    document.getElementById("without-figures").hidden = false;
    return;
  }
  const seen = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
    { rootMargin: "400px" },
  );
  holders().forEach((holder) => seen.observe(holder));
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
  document.documentElement.dataset.ready = Math.round(performance.now()); // milliseconds from the start
})();
