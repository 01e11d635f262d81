"use strict";
// Blind listening: trials in random order, votes that outlive the page, names at the end.
(() => {
  const get = (id) => document.getElementById(id);
  const room = get("room");
  if (!room) return;
  const key = `intone-compare-${document.body.dataset.page}`;
  const names = [];
  for (const row of document.querySelectorAll("#voices tbody tr")) {
    names[row.dataset.voice] = row.cells[0].textContent.trim();
  }
  const articles = {};
  for (const article of document.querySelectorAll("#sentences article")) {
    articles[article.dataset.number] = article;
  }
  const sounds = [new Audio(), new Audio()];
  let heard = [false, false];
  let playing = -1;
  let state = restored();

  function shuffled(list) {
    const mixed = [...list];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  }

  // A trial is [sentence, voice heard first, voice heard second]; a round has one of each pair.
  function fresh() {
    const pairs = [];
    for (let a = 0; a < names.length; a++) {
      for (let b = a + 1; b < names.length; b++) {
        pairs.push({ voices: [a, b], numbers: shuffled(Object.keys(articles).map(Number)) });
      }
    }
    const trials = [];
    for (let round = 0; round < Object.keys(articles).length; round++) {
      for (const pair of shuffled(pairs)) {
        trials.push([pair.numbers[round], ...shuffled(pair.voices)]);
      }
    }
    return { trials, votes: [], revealed: false };
  }

  function restored() {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      if (kept && Array.isArray(kept.trials) && Array.isArray(kept.votes)) return kept;
    } catch { /* No storage here, or not ours: begin anew. */ }
    return fresh();
  }

  function keep() {
    try {
      localStorage.setItem(key, JSON.stringify(state));
    } catch {
      get("hint").textContent = "This browser keeps no votes; do not close the page before the end.";
    }
  }

  function take(number, voice) {
    return articles[number].querySelector(`figure[data-voice="${voice}"] audio`);
  }

  function silence() {
    for (const sound of sounds) sound.pause();
    playing = -1;
    for (const side of [1, 2]) get(`hear-${side}`).setAttribute("aria-pressed", "false");
  }

  function hear(side) {
    silence();
    const sound = sounds[side];
    sound.currentTime = 0;
    heard[side] = true;
    playing = side;
    get(`hear-${side + 1}`).setAttribute("aria-pressed", "true");
    sound.play().catch((error) => {
      if (error.name === "AbortError") return;
      get("hint").textContent = `The browser does not play it: ${error.message}`;
    });
    allow();
  }

  function allow() {
    const both = heard[0] && heard[1];
    for (const button of room.querySelectorAll("[data-vote]")) button.disabled = !both;
    get("hint").textContent = both ? "" : "Hear both, then choose.";
  }

  function show() {
    silence();
    const done = state.votes.length;
    if (done >= state.trials.length) return reveal();
    const [number, first, second] = state.trials[done];
    sounds[0].src = take(number, first).src;
    sounds[1].src = take(number, second).src;
    heard = [false, false];
    get("said").textContent = articles[number].querySelector("h3 .text").textContent;
    get("progress").textContent = `${done + 1} of ${state.trials.length}`;
    get("undo").disabled = done === 0;
    get("reveal").disabled = done === 0;
    allow();
  }

  function vote(choice) {
    if (!heard[0] || !heard[1]) return;
    state.votes.push(choice);
    keep();
    show();
  }

  function undo() {
    state.votes.pop();
    keep();
    show();
  }

  function open() {
    if (state.revealed) state = fresh();
    for (const sound of document.querySelectorAll("audio")) sound.pause();
    get("results").hidden = true;
    room.showModal();
    keep();
    show();
    get("hear-1").focus();
  }


  function describe() {
    const done = state.votes.length;
    get("begin").textContent = state.revealed ? "Begin anew" : done ? "Go on" : "Begin";
    get("state").textContent = done && !state.revealed
      ? `${done} of ${state.trials.length} votes`
      : `${state.trials.length} pairs of sounds; you may stop before the end`;
  }

  function reveal() {
    state.revealed = true;
    keep();
    room.close();
    results();
    get("results").scrollIntoView({ block: "nearest" });
  }

  function results() {
    const counts = new Map();
    state.votes.forEach((choice, i) => {
      const [, first, second] = state.trials[i];
      const [a, b] = [Math.min(first, second), Math.max(first, second)];
      const count = counts.get(`${a} ${b}`) || { a, b, wins: [0, 0], ties: 0 };
      counts.set(`${a} ${b}`, count);
      if (choice === 0) count.ties++;
      else count.wins[[first, second][choice - 1] === a ? 0 : 1]++;
    });
    const box = get("results");
    box.replaceChildren();
    for (const { a, b, wins, ties } of counts.values()) {
      const line = document.createElement("p");
      line.className = "result";
      line.textContent = `${names[a]} ${wins[0]} : ${wins[1]} ${names[b]}, no difference ${ties}. `
        + verdict(wins, [names[a], names[b]]);
      box.append(line);
    }
    const button = document.createElement("button");
    button.id = "download";
    button.type = "button";
    button.textContent = "Download the votes";
    button.addEventListener("click", download);
    box.append(button);
    box.hidden = false;
  }

  function verdict(wins, who) {
    const total = wins[0] + wins[1];
    if (!total) return "Nobody was preferred.";
    const p = signTest(wins[0], wins[1]);
    const [low, high] = wilson(Math.max(...wins), total);
    const best = wins[0] >= wins[1] ? who[0] : who[1];
    const odds = `sign test p = ${p < 0.001 ? "below 0.001" : p.toFixed(3)}`;
    if (p < 0.05) {
      return `${best} is preferred in ${percent(low)} to ${percent(high)} of the cases (${odds}).`;
    }
    return `That may be chance (${odds}).`;
  }

  const percent = (share) => `${Math.round(100 * share)} %`;

  // Two-sided: how often fair coins would fall at least as unevenly.
  function signTest(a, b) {
    const total = a + b;
    let term = 2 ** -total;
    let tail = 0;
    for (let i = 0; i <= Math.min(a, b); i++) {
      tail += term;
      term *= (total - i) / (i + 1);
    }
    return Math.min(1, 2 * tail);
  }

  // The 95 % interval of a share (Wilson 1927).
  function wilson(wins, total) {
    const z = 1.96;
    const share = wins / total;
    const middle = share + z * z / (2 * total);
    const half = z * Math.sqrt(share * (1 - share) / total + z * z / (4 * total * total));
    const scale = 1 + z * z / total;
    return [(middle - half) / scale, (middle + half) / scale];
  }

  function download() {
    const votes = state.votes.map((choice, i) => {
      const [number, first, second] = state.trials[i];
      return {
        sentence: number,
        text: articles[number].querySelector("h3 .text").textContent,
        first: names[first],
        second: names[second],
        preferred: choice ? names[[first, second][choice - 1]] : null,
      };
    });
    const written = JSON.stringify({ page: document.title, voices: names, votes }, null, 2);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([written], { type: "application/json" }));
    link.download = "votes.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  get("begin").addEventListener("click", open);
  get("pause").addEventListener("click", () => room.close());
  room.addEventListener("close", () => {
    silence();
    describe();
  });
  get("undo").addEventListener("click", undo);
  get("reveal").addEventListener("click", reveal);
  for (const side of [1, 2]) get(`hear-${side}`).addEventListener("click", () => hear(side - 1));
  for (const button of room.querySelectorAll("[data-vote]")) {
    button.addEventListener("click", () => vote(Number(button.dataset.vote)));
  }
  for (const side of [0, 1]) {
    sounds[side].addEventListener("ended", silence);
  }
  document.addEventListener("keydown", (event) => {
    if (!room.open || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (["0", "1", "2"].includes(event.key)) vote(Number(event.key));
    else if (event.key === " ") hear(playing === 0 || (heard[0] && !heard[1]) ? 1 : 0);
    else if (event.key === "Backspace") state.votes.length && undo();
    else return;
    event.preventDefault();
  });
  // Space would also press the button that has the focus.
  document.addEventListener("keyup", (event) => {
    if (room.open && event.key === " ") event.preventDefault();
  });

  describe();
  if (state.revealed) results();
})();
