// The board: a column for each seat, the rounds below each other. Seats that are no column, as a judge, stand below their round.
const TAIL = 280;
const PREVIEW = 280;
const NAMES = { said: "", failed: "failed", cancelled: "cancelled" };

// The round of a turn, by its id: "2.revise/1/seat-3" is of "2.revise/1".
function roundOf(id, seat) {
  const parts = id.split("/");
  const place = seat ? parts.indexOf(seat) : -1;
  return place > 0 ? parts.slice(0, place).join("/") : parts[0];
}

function titleOf(round) {
  const [step, ...rest] = round.split("/");
  const [, number, verb] = /^(\d+)\.(.*)$/.exec(step) ?? [null, null, step];
  return `${number ? `${number} · ` : ""}${verb}${rest.length ? `, round ${rest.join(", ")}` : ""}`;
}

class Board {
  constructor(run) {
    this.run = run;
    this.rounds = new Map();
    this.cards = new Map();
    this.seats = [];
    this.element = make("div", { id: "board", role: "region", "aria-label": "The seats, side by side", tabindex: 0 });
  }

  round(name) {
    let found = this.rounds.get(name);
    if (found) return found;
    found = { seats: make("div", { class: "seats" }), others: make("div", { class: "others" }) };
    this.element.append(make("section", { class: "round", "aria-label": titleOf(name) }, make("h3", null, titleOf(name)), found.seats, found.others));
    this.rounds.set(name, found);
    return found;
  }

  // One more column; they stand by the numbers in their names, whoever is heard of first.
  seat(name) {
    this.seats.push(name);
    this.seats.sort(inOrder);
    this.element.style.setProperty("--seats", this.seats.length);
    for (const card of this.cards.values()) card.style.setProperty("--column", this.seats.indexOf(card.dataset.seat) + 1);
  }

  // The card of a turn, made when it is first heard of.
  card(id, seat) {
    let found = this.cards.get(id);
    if (found) return found;
    const name = roundOf(id, seat);
    const first = this.rounds.size === 0 || (this.rounds.size === 1 && this.rounds.has(name));
    if (first && seat && !this.seats.includes(seat)) this.seat(seat);
    found = make("article", { class: "cell", "aria-label": `${seat || id}, ${titleOf(name)}` });
    found.dataset.seat = seat;
    const { seats, others } = this.round(name);
    const column = this.seats.indexOf(seat);
    if (column < 0) others.append(found);
    else seats.insertBefore(found, [...seats.children].find((one) => this.seats.indexOf(one.dataset.seat) > column) ?? null);
    found.style.setProperty("--column", column + 1);
    this.cards.set(id, found);
    return found;
  }

  draw({ id, seat, said, ended, model }) {
    const card = this.card(id, seat);
    const name = make("h4", null, ended ? this.run.groups.mark(this.run.groups.of(ended), SIGNS[ended.brief]) : make("span", { class: "pulse", "aria-hidden": "true" }), isolated(seat || id));
    card.className = `cell ${ended ? ended.status : "speaking"}`;
    if (!ended) {
      const tail = said.length > TAIL ? `…${said.slice(-TAIL)}` : said;
      card.replaceChildren(name, make("p", { class: "note isolated" }, tail ? "is writing" : "is thinking", model ? `, ${model}` : ""), tail ? words(tail) : "");
      return;
    }
    card.replaceChildren(name, ...this.endOf(ended).filter(Boolean));
  }

  endOf(turn) {
    const text = turn.text ?? "";
    const short = text.length <= PREVIEW;
    const state = NAMES[turn.status] ?? turn.status;
    const told = turn.status === "said" && (turn.brief.length < 60 || !text) && text.trim().replace(/\s+/g, " ") !== turn.brief;
    const brief = told ? make("p", { class: `${turn.brief.length < 60 ? "brief " : ""}isolated`, dir: "auto" }, turn.brief) : null;
    const failure = turn.failure ? make("p", { class: "failure" }, `${turn.failure.kind}: ${turn.failure.message}`) : state ? make("p", { class: "failure" }, state) : null;
    const judged = (turn.sees ?? []).filter(([, kind]) => kind === "criticised").map(([id]) => this.run.turns.get(id)?.seat || id);
    const of = judged.length ? make("p", { class: "note isolated" }, "on what was said by ", named(judged)) : null;
    return [of, brief, failure, text ? words(short ? text : `${text.slice(0, PREVIEW)}…`) : null, short ? null : wholeOf(text, turn)];
  }
}

function wholeOf(text, turn) {
  const details = make("details", null, make("summary", null, "the whole reply", make("span", { class: "unseen" }, ` of ${turn.id}`)));
  details.addEventListener("toggle", () => {
    if (details.childElementCount === 1) details.append(words(shortened(text, 50000)));
    const preview = details.previousElementSibling;
    if (preview) preview.hidden = details.open;
  });
  return details;
}
