const PLOTS = {
  roc: {
    figure: (curve) => `AUC ${curve.auc.toFixed(3)}`,
    layout: () => ({
      title: { text: "ROC" },
      xaxis: axis("False acceptances (%)", { range: [-1, 101] }),
      yaxis: axis("One speaker, accepted (%)", { range: [-1, 101] }),
    }),
  },
  det: {
    figure: (curve) => `EER ${percent(curve.eer)}`,
    layout: () => {
      const { at, text, range } = data.det_axis;
      const ticks = { tickvals: at, ticktext: text, range };
      return {
        title: { text: "DET" },
        xaxis: axis("False acceptances (%)", ticks),
        yaxis: axis("Misses (%)", ticks),
      };
    },
  },
};
const DASHES = ["solid", "dash", "dashdot", "dot"];

function drawCurves(place) {
  for (const [id, plot] of Object.entries(PLOTS)) {
    const traces = data.curves.map((curve, n) => ({
      x: curve[id][0], y: curve[id][1], mode: "lines", hoverinfo: "skip",
      name: `${curve.name}, ${plot.figure(curve)}`,
      line: { color: visible(curve.colour), width: 2, dash: DASHES[n % 4] },
    }));
    const [x, y] = data.marks[id];
    traces.push({
      x: [x[place]], y: [y[place]], mode: "markers", name: "threshold",
      hoverinfo: "skip", marker: { size: 13, color: colour("--wrong") },
    });
    Plotly.react(id, traces,
      layout({ ...plot.layout(), legend: BELOW, margin: roomBelow(traces.length) }),
      { responsive: true, displayModeBar: false });
  }
}

function describePlace(place) {
  const { values, misses, false_accepts, n_tar, n_non, probability, right } =
    data.thresholds;
  const [missed, taken] = [misses[place], false_accepts[place]];
  const share = right[place];
  return [
    `LLR ${values[place].toFixed(3)}: `,
    element("strong", { id: "misses" }, count(missed)),
    ` of ${count(n_tar)} pairs of one speaker missed (${percent(missed / n_tar)}), `,
    element("strong", { id: "accepts" }, count(taken)),
    ` of ${count(n_non)} of different speakers accepted (${percent(taken / n_non)}). ` +
    (share === null ? "None is accepted." :
      `Of the accepted, ${percent(share, 1)} are right.`),
    ` If ${percent(data.p_target, 1)} of all pairs are of one speaker, a pair with`,
    " just this score is with probability ",
    element("strong", { id: "probability" }, percent(probability[place])), ".",
  ];
}

function setThreshold(place) {
  const slider = byId("threshold");
  slider.value = place;
  slider.setAttribute("aria-valuetext",
    `LLR ${data.thresholds.values[place].toFixed(3)}`);
  byId("counts").replaceChildren(...describePlace(place));
  drawCurves(place);
  judge(data.thresholds.values[place]);
  fillSpeakers(place);
}

function startThreshold() {
  const slider = byId("threshold");
  slider.max = data.thresholds.values.length - 1;
  slider.addEventListener("input", () => setThreshold(Number(slider.value)));
  for (const [name, place] of Object.entries(data.thresholds.named)) {
    byId("named").append(
      element("button", { onclick: () => setThreshold(place) }, name));
  }
  setThreshold(Object.values(data.thresholds.named)[0]);
}
