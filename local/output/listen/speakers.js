const rate = (errors, trials) => (trials ? errors / trials : null);
const errorsOf = (n, share) =>
  share === null ? "–" : `${count(n)} (${percent(share)})`;

// Heading, the number to sort by, what is shown. Most errors first at the first click.
const COLUMNS = [
  ["Speaker", (s) => s.name, (s) => s.name],
  ["Segments", (s) => s.n_segments, (s) => count(s.n_segments)],
  ["R-precision", (s) => s.r_precision, (s) =>
    s.r_precision === null ? "–" : percent(s.r_precision, 1)],
  ["Misses", (s, p) => rate(s.misses[p], s.n_tar),
    (s, p) => errorsOf(s.misses[p], rate(s.misses[p], s.n_tar))],
  ["False acceptances", (s, p) => rate(s.false_accepts[p], s.n_non),
    (s, p) => errorsOf(s.false_accepts[p], rate(s.false_accepts[p], s.n_non))],
];
const sorted = { column: 3, sign: -1 };
let shownPlace = 0;

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null); // dashes last
  const order = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true })
    : a - b;
  return sorted.sign * order;
}

function sortBy(column) {
  const first = column === 0 || column === 2 ? 1 : -1; // the worst on top
  sorted.sign = column === sorted.column ? -sorted.sign : first;
  sorted.column = column;
  fillSpeakers(shownPlace);
}

function fillSpeakers(place) {
  shownPlace = place;
  const value = COLUMNS[sorted.column][1];
  const rows = [...data.speakers].sort((a, b) =>
    compare(value(a, place), value(b, place)));
  byId("speaker-table").tBodies[0].replaceChildren(...rows.map((speaker) =>
    element("tr", {}, ...COLUMNS.map(([, , show]) =>
      element("td", {}, show(speaker, place))))));
  const heads = byId("speaker-table").tHead.rows[0].cells;
  COLUMNS.forEach((_, n) => {
    const order = sorted.sign > 0 ? "ascending" : "descending";
    heads[n].setAttribute("aria-sort", n === sorted.column ? order : "none");
    heads[n].firstChild.textContent = COLUMNS[n][0] +
      (n === sorted.column ? (sorted.sign > 0 ? " ▲" : " ▼") : "");
  });
}

function startSpeakers() {
  byId("speaker-table").append(
    element("thead", {}, element("tr", {}, ...COLUMNS.map(([name], n) =>
      element("th", { scope: "col" },
        element("button", { onclick: () => sortBy(n) }, name))))),
    element("tbody"));
}
