/**
 * The dashboard: who may see it, what is shown, and whether the server still answers.
 * @module
 */

/** @typedef {import("./data/api.js").Overview} Overview */

import { Api, Refused } from "./data/api.js";
import { ask, carryOut } from "./ui/dialog.js";
import { byId, inputById, make, write } from "./ui/elements.js";
import { duration } from "./ui/format.js";
import { History } from "./data/history.js";
import { Inspector } from "./inspector/inspector.js";
import { describe, OverviewPage } from "./overview/overview.js";

const POLL_MS = 1000;
const PAGES = ["sign-in", "closed", "overview", "inspector"];
const LIVE = new Set(["overview", "inspector"]);

const api = new Api();
const history = new History();
const page = new OverviewPage();
/** @type {Inspector | undefined} */
let inspector;
let shown = "";
let answeredAt = NaN;
/** @type {number | undefined} */
let timer;

/** @param {string} name */
function show(name) {
  shown = name;
  for (const other of PAGES) byId(other).hidden = other !== name;
  byId("sign-out").hidden = !LIVE.has(name) || !api.hasToken;
  byId("drain").hidden = !LIVE.has(name);
}

/** Shows what the address says. */
function route() {
  if (!LIVE.has(shown)) return;
  const id = /^#\/rooms\/([^/]+)$/.exec(location.hash)?.[1];
  inspector?.stop();
  inspector = id === undefined ? undefined : new Inspector(api, decodeURIComponent(id));
  show(id === undefined ? "overview" : "inspector");
  document.title = id === undefined ? "Drumline" : `Room ${decodeURIComponent(id)} · Drumline`;
  scrollTo(0, 0);
}

/** Asks how the server is; again in a second. */
async function poll() {
  clearTimeout(timer);
  try {
    const overview = await api.overview();
    answeredAt = performance.now();
    history.add(overview, Date.now());
    if (!LIVE.has(shown)) {
      show("overview");
      route();
    }
    describeServer(overview);
    if (shown === "overview") page.show(overview, history);
  } catch (error) {
    if (error instanceof Refused && [401, 403, 429].includes(error.status)) {
      refuse(error);
      return;
    }
    sayStale();
  }
  timer = setTimeout(() => void poll(), POLL_MS);
}

/** @param {Refused} error */
function refuse(error) {
  inspector?.stop();
  inspector = undefined;
  byId("stale").hidden = true;
  state("off", "Not signed in");
  if (error.status === 403) {
    write(byId("closed-why"), error.message);
    state("off", "Off");
    show("closed");
    return;
  }
  const tried = api.hasToken;
  api.setToken("");
  write(byId("token-error"), tried || error.status === 429 ? error.message : "");
  show("sign-in");
  inputById("token").focus();
}

/** The server does not answer: what is shown is old. */
function sayStale() {
  const stale = byId("stale");
  stale.hidden = false;
  const since = Number.isNaN(answeredAt) ? "" : ` What is shown is ${duration((performance.now() - answeredAt) / 1000)} old.`;
  write(stale, `The server does not answer.${since} Trying again…`);
  state("lost", "Disconnected");
}

/** @param {Overview} overview */
function describeServer(overview) {
  byId("stale").hidden = true;
  const { draining_seconds: left } = overview;
  if (left === null || left === undefined) state("live", "Live");
  else state("draining", `Draining, ${duration(left)} left`);
  /** @type {HTMLButtonElement} */ (byId("drain")).disabled = left !== null && left !== undefined;
  const about = byId("about");
  const facts = describe(overview);
  if (about.children.length !== facts.length) {
    about.replaceChildren(...facts.map(([label]) => make("div", {}, make("dt", {}, label), make("dd"))));
  }
  facts.forEach(([, value], index) => write(about.children[index].children[1], value));
}

/**
 * @param {string} kind
 * @param {string} text
 */
function state(kind, text) {
  const pill = byId("state");
  if (pill.dataset.state !== kind) pill.dataset.state = kind;
  write(pill, text);
}

async function drain() {
  const question = {
    title: "Drain this server?",
    text:
      "No one new gets in, players are told, and rooms end at their game’s convenience or when the time is up. " +
      "Then the server exits.",
    yes: "Drain",
  };
  if ((await ask(question)) !== undefined) await carryOut(() => api.drain(), "The server drains.");
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = inputById("token");
  api.setToken(input.value.trim());
  input.value = "";
  void poll();
});
byId("sign-out").addEventListener("click", () => {
  api.setToken("");
  location.hash = "#/";
  location.reload();
});
byId("drain").addEventListener("click", () => void drain());
window.addEventListener("hashchange", route);
void poll();
