const player = new Audio();
let queue = [];

function say(text) {
  byId("playing").textContent = text;
}

function play(...rows) {
  queue = rows;
  playNext();
}

function playNext() {
  const row = queue.shift();
  if (row === undefined) return say("Nothing is playing.");
  const clip = data.clips[row];
  if (!clip.audio) return say(`${nameOf(clip)}: not in this page; raise --max_mb.`);
  player.src = clip.audio;
  player.onplaying = () => say(`Playing ${nameOf(clip)}`);
  player.onerror = () => say(`${nameOf(clip)}: this browser plays no FLAC.`);
  // A click that interrupts another's start is no error.
  player.play().catch(() => {});
}

player.onended = playNext;

function playButton(text, ...rows) {
  const names = rows.map((row) => data.clips[row].id).join(" and ");
  return element("button", {
    "aria-label": `Play ${names}`, onclick: () => play(...rows),
    disabled: rows.some((row) => !data.clips[row].audio),
  }, text);
}

function clipFigure(row) {
  const clip = data.clips[row];
  const figure = element("figure", { class: "clip" },
    element("figcaption", {}, nameOf(clip)));
  if (clip.audio) figure.append(wave(clip), spectrogram(clip));
  figure.append(playButton("▶ Play", row));
  return figure;
}

function wave(clip) {
  const space = "http://www.w3.org/2000/svg";
  const [svg, path] = ["svg", "path"].map((tag) =>
    document.createElementNS(space, tag));
  const box = { viewBox: "0 0 160 100", preserveAspectRatio: "none",
    class: "wave", "aria-hidden": "true" };
  const stroke = { d: clip.wave, stroke: "currentColor", "stroke-width": 1 };
  for (const [name, value] of Object.entries(box)) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries(stroke)) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

function spectrogram(clip) {
  return element("img", { class: "spectrogram", src: clip.spectrogram,
    alt: `Spectrogram of ${clip.id}` });
}
