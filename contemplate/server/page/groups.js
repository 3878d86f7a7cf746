// The answers of a run in groups: each has a letter, a shape and a colour, as on the trace page, where the one that won is A.
const letterOf = (place) => (place < 26 ? String.fromCharCode(65 + place) : letterOf(Math.floor(place / 26) - 1) + letterOf(place % 26));

const SIGNS = { sound: "✓", flawed: "✗", unclear: "?" };

class Groups {
  constructor(open) { this.open = open; this.known = new Map(); }

  // The group of a turn that is over; null if it gave no answer.
  of(turn) {
    const value = this.open ? turn.verb : turn.decision ? turn.decision.value : turn.answer?.value;
    if (value === null || value === undefined) return null;
    const label = this.open ? turn.verb : turn.answer?.text ?? turn.decision.winner ?? value;
    if (!this.known.has(value)) this.known.set(value, { place: this.known.size, label, turns: 0 });
    return this.known.get(value);
  }

  called(text) {
    for (const group of this.known.values()) if (group.label === text) return group;
    return null;
  }

  // In the end, the winner's first, then by how many turns gave it.
  settle(turns, winner) {
    if (this.open) return;
    for (const turn of turns) if (turn.answer && !turn.decision) this.of(turn).turns += 1;
    const ranked = [...this.known].sort(([value, one], [other, two]) => (other === winner) - (value === winner) || two.turns - one.turns || one.place - two.place);
    ranked.forEach(([, group], place) => { group.place = place; });
  }

  letter(group) { return this.open ? group.label.slice(0, 1).toUpperCase() : letterOf(group.place); }

  mark(group, sign) { return group === null ? marked(null, sign ?? "–", "no answer") : marked(group.place, this.letter(group), group.label); }
}
