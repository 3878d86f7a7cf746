// What the question came with: small pictures with the regions that were looked at, what was read in them, and who was shown which.
function pictureOf(attachment, part) {
  if (!part.thumbnail) return null;
  const image = make("img", { src: part.thumbnail, alt: `${attachment.name} ${part.where}`.trim(), loading: "lazy" });
  const marks = part.regions.map(([left, top, right, bottom]) => draw("rect",
    { class: "region", x: left, y: top, width: Math.max(right - left, 0.5), height: Math.max(bottom - top, 0.5) }));
  const over = marks.length ? draw("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, marks) : null;
  return make("div", { class: "picture" }, image, over);
}

function partOf(attachment, part) {
  const looked = part.regions.map(([left, top, right, bottom, who, read]) => make("li", { class: "isolated" },
    `${who} looked at ${left.toFixed(0)}-${right.toFixed(0)} % across, ${top.toFixed(0)}-${bottom.toFixed(0)} % down`,
    read === null ? null : [": ", shortened(long(read).text, 200)]));
  const read = part.read === null ? null : lazily(`what ${part.by === "the file" ? "stands in it as text" : `${part.by} read in it`}`, () => words(part.read, "div"));
  return make("figure", null, pictureOf(attachment, part), part.where ? make("figcaption", null, part.where) : null,
    looked.length ? make("ul", null, looked) : null, read);
}

function attachmentCards() {
  if (!DATA.attachments.length) return [];
  const cards = DATA.attachments.map((one) => make("section", { class: "card attached", "aria-label": `Attachment ${one.name}` },
    make("h3", null, one.name), make("p", { class: "note" }, one.about), one.seen.map((line) => make("p", { class: "isolated" }, line)),
    make("div", { class: "pictures" }, one.parts.map((part) => partOf(one, part)))));
  return [make("h2", null, "Attachments"), ...cards];
}
