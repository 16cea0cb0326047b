const data = JSON.parse(document.getElementById("data").textContent);

const byId = (id) => document.getElementById(id);
const percent = (share, digits = 2) => `${(100 * share).toFixed(digits)} %`;
const count = (n) => n.toLocaleString("en");
const nameOf = (clip) =>
  clip.speaker === null ? clip.id : `${clip.id}, speaker ${clip.speaker}`;

// Texts are set as texts: whatever they hold, they are never HTML.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Plotly reads a small HTML in its labels.
const plain = (text) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const dark = matchMedia("(prefers-color-scheme: dark)");
const touch = matchMedia("(pointer: coarse)");

// Black is Okabe and Ito's eighth colour, and not to be seen on a dark page.
const visible = (name) => (name === "black" ? colour("--text") : name);

// Under the axis and its title, one line an entry.
const BELOW = { x: 0, yref: "container", y: 0, yanchor: "bottom" };
const roomBelow = (nEntries) => ({ l: 55, r: 10, t: 35, b: 60 + 20 * nEntries });

function axis(title, more = {}) {
  return {
    title: { text: title }, gridcolor: colour("--line"), zeroline: false,
    linecolor: colour("--line"), fixedrange: true, ...more,
  };
}

function layout(more) {
  return {
    paper_bgcolor: colour("--paper"), plot_bgcolor: colour("--paper"),
    font: { color: colour("--text"), family: "system-ui, sans-serif", size: 13 },
    hovermode: "closest", dragmode: false,
    ...more,
  };
}
