const chooser = byId("chooser");

function choose(row, aloud) {
  chooser.value = row;
  byId("previous").disabled = row === 0;
  byId("next").disabled = row === data.clips.length - 1;
  byId("chosen").replaceChildren(clipFigure(row),
    element("div", { class: "scroll" }, neighborTable(row)));
  drawMap(row);
  if (aloud) play(row);
}

function neighborTable(row) {
  const known = data.clips[row].speaker !== null;
  const heads = ["Nearest", "LLR", "Probability", ...(known ? ["Speaker"] : [])];
  return element("table", { "aria-label": `Nearest to ${data.clips[row].id}` },
    element("thead", {}, element("tr", {},
      ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {},
      ...data.neighbors[row].map((pair) => neighborRow(row, pair, known))));
}

function neighborRow(row, pair, known) {
  const other = pair.clips[1];
  const clip = data.clips[other];
  const cells = [
    element("td", {}, playButton("▶", other), " ", chooseButton(other)),
    element("td", {}, pair.llr.toFixed(2)),
    element("td", {}, percent(pair.probability, 1)),
  ];
  if (known) {
    const same = clip.speaker === data.clips[row].speaker;
    const text = same ? "✓ same" : `✗ ${clip.speaker}`;
    cells.push(element("td", { class: same ? "right" : "wrong" }, text));
  }
  return element("tr", {}, ...cells);
}

function chooseButton(row) {
  const id = data.clips[row].id;
  return element("button", { "aria-label": `Choose ${id}`,
    onclick: () => choose(row, false) }, id);
}

function startChooser() {
  chooser.append(...data.clips.map((clip, row) =>
    element("option", { value: row }, nameOf(clip))));
  const step = (by) => choose(Number(chooser.value) + by, true);
  chooser.addEventListener("change", () => step(0));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  // The first that can be heard.
  choose(Math.max(0, data.clips.findIndex((clip) => clip.audio)), false);
  byId("map").on("plotly_click", ({ points }) => choose(points[0].pointNumber, true));
}
