/** Answers that the device gives by itself, in the words and shapes of the page's templates. */

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", timeStyle: "medium" });

export function secondOf(moment) {
  return clock.format(new Date(moment));
}

/** What the page says of a verdict: {kind, word, sentence}. */
export function wordsFor(name) {
  const { kind, word, sentence } = document.querySelector(`template[data-said="${name}"]`).dataset;
  return { kind, word, sentence };
}

/** As the server's answer looks; `here` says that it was given on the device. */
export function answerOf({ kind, word, sentence }, { holder, unit, firstAt, here = true }) {
  const answer = copyOf(`[data-answer-of="${kind}"]`);
  answer.querySelector(".verdict span").textContent = word;
  fill(answer.querySelector(".holder"), holder);
  fill(answer.querySelector(".unit"), unit);
  const first = answer.querySelector(".first-at");
  fill(first, firstAt && first.textContent.replace("{at}", secondOf(firstAt)));
  fill(answer.querySelector(".why"), sentence);
  if (!here) answer.querySelector(".on-device").remove();
  return answer;
}

/** One line of what happened at this gate. */
export function lineOf({ kind, word }, { holder, unit, at }) {
  const line = copyOf("[data-line]");
  line.querySelector("time").textContent = secondOf(at);
  // A ticket of ours that the list lacks has no name here.
  const { nameless } = document.querySelector("template[data-line]").dataset;
  if (holder || kind !== "refused") line.querySelector("strong").textContent = holder || nameless;
  fill(line.querySelector(".muted"), unit);
  const badge = line.querySelector(".badge");
  badge.dataset.state = kind;
  badge.textContent = word;
  return line;
}

function copyOf(which) {
  return document.querySelector(`template${which}`).content.cloneNode(true);
}

function fill(place, text) {
  if (text) place.textContent = text;
  else place.remove();
}
