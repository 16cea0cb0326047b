const nPlayable = data.clips.filter((clip) => clip.audio).length;
const facts = [`${count(data.clips.length)} segments`];
if (data.speakers) facts.push(`${count(data.speakers.length)} speakers`);
facts.push(`scored by ${data.submitted}`);
if (nPlayable < data.clips.length) {
  facts.push(`${count(nPlayable)} can be heard, the others are pale on the map`);
}
byId("facts").textContent = `${facts.join("; ")}.`;

if (data.speakers) {
  for (const id of ["decisions", "errors", "speakers"]) byId(id).hidden = false;
  startPairs();
  startSpeakers();
  startThreshold();
}
startChooser();

dark.addEventListener("change", () => {
  drawMap(Number(chooser.value));
  if (data.speakers) drawCurves(Number(byId("threshold").value));
});
