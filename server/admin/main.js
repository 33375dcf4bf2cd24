/**
 * The entry point of the dashboard: polls the server, signs in, and switches between the overview and a room.
 * @module
 */

/** @typedef {import("./data/api.js").Overview} Overview */

import { Api, ApiError } from "./data/api.js";
import { ask, runAction } from "./ui/dialog.js";
import { byId, inputById, make, write } from "./ui/elements.js";
import { duration } from "./ui/format.js";
import { History } from "./data/history.js";
import { Inspector } from "./inspector/inspector.js";
import { BanList } from "./overview/bans.js";
import { describe, OverviewPage } from "./overview/overview.js";

const POLL_MS = 1000;
const PAGES = ["sign-in", "closed", "overview", "inspector"];
const LIVE = new Set(["overview", "inspector"]);

const api = new Api();
const history = new History();
const page = new OverviewPage();
const bans = new BanList(api);
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

/** Shows the page that the address names. */
function route() {
  if (!LIVE.has(shown)) return;
  const id = /^#\/rooms\/([^/]+)$/.exec(location.hash)?.[1];
  inspector?.stop();
  inspector = id === undefined ? undefined : new Inspector(api, decodeURIComponent(id));
  show(id === undefined ? "overview" : "inspector");
  document.title = id === undefined ? "Drumline" : `Room ${decodeURIComponent(id)} · Drumline`;
  scrollTo(0, 0);
}

/** Fetches the overview, and again every second. */
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
    if (shown === "overview") {
      page.show(overview, history);
      await bans.refresh();
    }
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 429].includes(error.status)) {
      refuse(error);
      return;
    }
    showStale();
  }
  timer = setTimeout(() => void poll(), POLL_MS);
}

/** Shows the sign-in page, or that the dashboard is turned off. @param {ApiError} error */
function refuse(error) {
  inspector?.stop();
  inspector = undefined;
  byId("stale").hidden = true;
  showState("off", "Not signed in");
  if (error.status === 403) {
    write(byId("closed-why"), error.message);
    showState("off", "Off");
    show("closed");
    return;
  }
  const wasTokenSent = api.hasToken;
  api.setToken("");
  write(byId("token-error"), wasTokenSent || error.status === 429 ? error.message : "");
  show("sign-in");
  inputById("token").focus();
}

/** Shows that the server is not responding, and how old the data is. */
function showStale() {
  const stale = byId("stale");
  stale.hidden = false;
  const age = Number.isNaN(answeredAt) ? "" : ` This data is ${duration((performance.now() - answeredAt) / 1000)} old.`;
  write(stale, `The server is not responding.${age} Retrying…`);
  showState("lost", "Disconnected");
}

/** @param {Overview} overview */
function describeServer(overview) {
  byId("stale").hidden = true;
  const { draining_seconds: left } = overview;
  if (left === null || left === undefined) showState("live", "Live");
  else showState("draining", `Draining, ${duration(left)} left`);
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
function showState(kind, text) {
  const pill = byId("state");
  if (pill.dataset.state !== kind) pill.dataset.state = kind;
  write(pill, text);
}

async function drain() {
  const question = {
    title: "Drain this server?",
    text:
      "New players are refused and current players are notified. " +
      "Each room ends when its game chooses, or when the drain time is over. Then the server exits.",
    yes: "Drain",
  };
  if ((await ask(question)) !== undefined) await runAction(() => api.drain(), "The server is draining.");
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
