const SYMBOLS = {
  o: "circle", s: "square", "^": "triangle-up", D: "diamond", v: "triangle-down",
  P: "cross", X: "x", "*": "star", "<": "triangle-left", ">": "triangle-right",
};

function ring(rows, name, size) {
  return {
    x: rows.map((row) => data.clips[row].x), y: rows.map((row) => data.clips[row].y),
    mode: "markers", name, hoverinfo: "skip",
    marker: { size, symbol: "circle-open", color: colour("--text"),
      line: { width: 2 } },
  };
}

function drawMap(chosen) {
  const near = data.neighbors[chosen].map((pair) => pair.clips[1]);
  const points = {
    x: data.clips.map((clip) => clip.x), y: data.clips.map((clip) => clip.y),
    text: data.clips.map((clip) => plain(nameOf(clip))), mode: "markers",
    showlegend: false, hovertemplate: "%{text}<extra></extra>",
    marker: {
      size: data.clips.length < 1000 ? 9 : 6,
      color: data.clips.map((clip) => visible(clip.look[0])),
      symbol: data.clips.map((clip) => SYMBOLS[clip.look[1]]),
      opacity: data.clips.map((clip) => (clip.audio ? 1 : 0.4)),
    },
  };
  const free = { fixedrange: false, showgrid: false, showticklabels: false };
  return Plotly.react("map", [points, ring([chosen], "chosen", 22),
    ring(near, "nearest", 15)],
  layout({
    xaxis: axis("", free), yaxis: axis("", { ...free, scaleanchor: "x" }),
    margin: { l: 10, r: 10, t: 35, b: 60 }, dragmode: touch.matches ? false : "pan",
    legend: BELOW, uirevision: "kept",
  }),
  { responsive: true, displaylogo: false, displayModeBar: true,
    modeBarButtons: [["zoomIn2d", "zoomOut2d", "resetScale2d"]] });
}
