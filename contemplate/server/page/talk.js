// Talking with the server, and with whoever reads: what goes wrong is one line.
const at = (id) => document.getElementById(id);
const say = (text) => { at("said").textContent = visible(text); };

function complain(text) {
  at("error").textContent = text ? visible(text) : "";
  if (text) at("error").scrollIntoView({ block: "nearest" });
}

class Refused extends Error {}

async function api(path, options) {
  let reply;
  try { reply = await fetch(path, options); } catch { throw new Refused("The server does not answer. Is it still running?"); }
  const body = await reply.json().catch(() => null);
  if (reply.ok) return body;
  if (reply.status === 401) showSign();
  throw new Refused(body?.error?.message ?? `The server answered ${reply.status}.`);
}

// Does something that may be refused; false, and a line on the page, if it is.
async function attempted(work) {
  complain("");
  try { await work(); return true; } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(error.message);
    return false;
  }
}

const post = (path, body) => api(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const runPath = (run, rest = "") => `/api/runs/${encodeURIComponent(run)}${rest}`;
const apart = (href, text) => make("a", { href, target: "_blank", rel: "noopener" }, text);
const words = (text) => make("div", { class: "words", dir: "auto" }, text);
const isolated = (text) => make("span", { class: "isolated", dir: "auto" }, text);

function showSign() {
  at("room").hidden = true;
  at("sign").hidden = false;
  at("token").focus();
}

async function signIn(event) {
  event.preventDefault();
  const headers = { Authorization: `Bearer ${at("token").value.trim()}` };
  if (!await attempted(() => api("/api/session", { method: "POST", headers }))) return;
  at("token").value = "";
  at("sign").hidden = true;
  await enter();
}
