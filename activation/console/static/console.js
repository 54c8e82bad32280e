// What makes pages quicker; each works without it.
"use strict";

const say = (text) => {
  let region = document.getElementById("live");
  if (!region) {
    region = document.createElement("p");
    region.id = "live";
    region.className = "unseen";
    region.setAttribute("aria-live", "polite");
    document.body.append(region);
  }
  region.textContent = text;
};

// The viewer's time zone: the server writes times in it from the next page on.
const rememberZone = () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = `zone=${encodeURIComponent(zone)}`;
  if (!zone || document.cookie.split("; ").includes(cookie)) return;
  document.cookie = `${cookie}; Path=/console; Max-Age=31536000; SameSite=Lax`;
  const now = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  for (const one of document.querySelectorAll("time")) {
    if (/UTC$/.test(one.textContent)) one.textContent = now.format(new Date(one.dateTime));
  }
};

const offerCopies = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("done");
      say(button.getAttribute("aria-label"));
      setTimeout(() => button.classList.remove("done"), 1500);
    });
  }
};

// A search form with data-live="id": the page's fragment comes into the element of that id as one types.
const searchLive = (form) => {
  const field = form.querySelector("[data-search]");
  const results = document.getElementById(form.dataset.live);
  if (!field || !results) return;
  results.setAttribute("aria-live", "polite");
  let timer = 0;
  let running = null;
  const search = async () => {
    if (running) running.abort();
    running = new AbortController();
    const url = new URL(form.action);
    for (const [name, text] of new FormData(form)) if (text) url.searchParams.set(name, text);
    const shown = url.pathname + url.search;
    url.searchParams.set("fragment", "1");
    try {
      const answer = await fetch(url, { signal: running.signal, redirect: "error" });
      if (!answer.ok) return;
      results.innerHTML = await answer.text();
      offerCopies(results);
      history.replaceState(null, "", shown);
    } catch (error) {
      if (error.name === "TypeError") form.submit(); // the session has ended, or the server is away
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 180);
  });
};

// A tick with data-refresh="id": as long as it is set, the page's fragment is fetched anew every data-every seconds.
// Ten minutes after the last key or move it is taken off: a page that nobody watches must not keep a session alive.
const AWAY_MS = 600000;
const keepFresh = (tick) => {
  const region = document.getElementById(tick.dataset.refresh);
  tick.parentElement.hidden = false;
  let touched = Date.now();
  for (const kind of ["pointermove", "keydown", "touchstart"]) document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  const refresh = async () => {
    if (Date.now() - touched > Number(tick.dataset.away || AWAY_MS)) tick.checked = false;
    if (!tick.checked || document.hidden || region.contains(document.activeElement) || region.querySelector("details[open]")) return;
    const url = new URL(location.href);
    url.searchParams.set("fragment", "1");
    try {
      const answer = await fetch(url, { redirect: "error" });
      if (answer.ok) region.innerHTML = await answer.text();
    } catch {
      tick.checked = false; // the session has ended, or the server is away
    }
  };
  setInterval(refresh, Number(tick.dataset.every) * 1000);
};

// "/" goes to the page's search.
document.addEventListener("keydown", (event) => {
  const inField = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || inField) return;
  const field = document.querySelector("[data-search]");
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// A button behind a tick is off until it is ticked.
const enableOnTick = (tick) => {
  const button = tick.form && tick.form.querySelector("button:not([type=button])");
  if (!button) return;
  const follow = () => {
    button.disabled = !tick.checked;
  };
  tick.addEventListener("change", follow);
  follow();
};

// What stands behind the address's # was not sent to the server: it goes into its field, and out of the address.
const takeFromHash = (block) => {
  const field = block.querySelector(`[name="${block.dataset.fromHash}"]`);
  if (!field || location.hash.length < 2) return;
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
};

// One form is sent once, however often its button is pressed; the server holds to that in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

rememberZone();
offerCopies(document);
document.querySelectorAll("form[data-live]").forEach(searchLive);
document.querySelectorAll("[data-refresh]").forEach(keepFresh);
document.querySelectorAll("[data-enables]").forEach(enableOnTick);
document.querySelectorAll("[data-from-hash]").forEach(takeFromHash);
const refusal = document.getElementById("refusal");
if (refusal) {
  refusal.focus();
  const link = refusal.querySelector('a[href^="#wrong-"]');
  if (link) {
    link.addEventListener("click", () => {
      const field = document.querySelector(`${link.hash} :is(input, select, textarea)`);
      if (field) setTimeout(() => field.focus());
    });
  }
}
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.who[open]")) if (!menu.contains(event.target)) menu.open = false;
});
