// Of each card, what its verdict depends on.
const cards = [];

function pairCard(pair, sameSpeaker) {
  const verdict = element("span", { class: "verdict" });
  cards.push({ verdict, llr: pair.llr, sameSpeaker });
  const scores = data.systems.map((name, n) => `${name} ${pair.scores[n].toFixed(3)}`);
  scores.push(`${data.submitted} LLR ${pair.llr.toFixed(2)}`);
  return element("li", { class: "card" },
    element("div", { class: "pair" }, ...pair.clips.map(clipFigure)),
    element("p", { class: "scores" }, scores.join(" → "),
      `; probability ${percent(pair.probability, 1)}`),
    element("div", { class: "row" }, playButton("▶ Both", ...pair.clips), verdict));
}

function judge(threshold) {
  for (const { verdict, llr, sameSpeaker } of cards) {
    const accepted = llr >= threshold;
    const right = accepted === sameSpeaker;
    verdict.textContent = `${accepted ? "accepted" : "rejected"}, ` +
      (right ? "rightly" : "wrongly");
    verdict.classList.toggle("right", right);
    verdict.classList.toggle("wrong", !right);
  }
}

function startPairs() {
  for (const [id, pairs, sameSpeaker] of [
    ["false-accepts", data.false_accepts, false],
    ["false-rejects", data.false_rejects, true],
  ]) {
    byId(id).append(...pairs.map((pair) => pairCard(pair, sameSpeaker)));
  }
}
