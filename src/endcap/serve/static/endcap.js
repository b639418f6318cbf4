/* Endcap on a shop's page: <script src="https://.../endcap.js" data-key="KEY" data-consent="true" defer></script>
   and <div data-endcap="similar-items" data-item="sku-1"></div> wherever products are to be recommended. */
(() => {
  "use strict";
  const own = document.currentScript;
  const api = new URL("api/v1/", own.src);
  const key = own.dataset.key || "";
  const QUEUE = "endcap.queue", VISITOR = "endcap.visitor";
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const session = newId();
  let agreed = own.dataset.consent === "true";
  let user = own.dataset.user || undefined;
  let visitor, queue = [], wait = 0, timer, sending = false;

  const stored = (store, name, value) => {
    try {
      if (value === undefined) return window[store].getItem(name);
      if (value === null) window[store].removeItem(name);
      else window[store].setItem(name, value);
    } catch { /* storage is off or full: memory does */ }
    return null;
  };
  const keep = () => { if (agreed) stored("sessionStorage", QUEUE, JSON.stringify(queue)); };

  function consent(yes) {
    agreed = yes === true;
    visitor = (agreed && stored("localStorage", VISITOR)) || visitor || newId();
    if (agreed) stored("localStorage", VISITOR, visitor);
    else {
      stored("localStorage", VISITOR, null);
      stored("sessionStorage", QUEUE, null);
      visitor = newId();
      queue = [];
    }
  }

  function track(event, item, props = {}) {
    queue.push({ ...props, event, item_id: item, event_id: newId(), user_id: user, anonymous_id: visitor,
      session_id: session, timestamp: new Date().toISOString(), consent: agreed });
    queue = queue.slice(-1000);
    keep();
    later(2000);
  }

  function later(ms) { timer = timer || setTimeout(() => { timer = 0; send(); }, ms); }

  async function send() {
    if (sending || !queue.length) return;
    sending = true;
    const batch = queue.slice(0, 100);
    let done = false;
    try {
      const answer = await post("events:batch", { events: batch }, true);
      done = answer.ok || (answer.status < 500 && answer.status !== 429);
    } catch { /* offline: again later, under the same ids */ }
    sending = false;
    if (done) queue = queue.filter((one) => !batch.includes(one));
    keep();
    wait = done ? 0 : Math.min(60000, (wait || 1000) * 2);
    if (queue.length) later(wait || 2000);
  }

  /* What is sent while the page goes stays queued: the next page sends it again, and ids make it count once. */
  function leave() {
    if (!queue.length) return;
    const batch = queue.slice(0, 100);
    const body = JSON.stringify({ events: batch });
    const to = new URL(api.href + "events:batch");
    if (key) to.searchParams.set("key", key);
    const sent = api.origin === location.origin && navigator.sendBeacon &&
      navigator.sendBeacon(to, new Blob([body], { type: "application/json" }));
    if (!sent) post("events:batch", { events: batch }, true).catch(() => {});
  }

  function post(path, body, keepalive = false) {
    const headers = { "content-type": "application/json" };
    if (key) headers.authorization = "Bearer " + key;
    return fetch(api.href + path, { method: "POST", headers, body: JSON.stringify(body), keepalive, credentials: "omit" });
  }

  function make(tag, props, ...children) {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  }

  function safe(link) {
    try {
      const url = new URL(link, location.href);
      return /^https?:$/.test(url.protocol) ? url.href : "";
    } catch { return ""; }
  }

  function card(one, answer, seen) {
    const product = one.product || {};
    const title = String(product.title || one.item_id);
    const link = product.link ? safe(product.link) : "";
    const inside = make(link ? "a" : "span", { className: "endcap-card" });
    if (link) inside.href = link;
    if (product.image_link && safe(product.image_link))
      inside.append(make("img", { loading: "lazy", alt: "", src: safe(product.image_link) }));
    inside.append(make("span", { className: "endcap-title", textContent: title }));
    if (product.price != null) inside.append(make("span", { className: "endcap-price", textContent: String(product.price) }));
    const item = make("li", {}, inside);
    item.seen = () => track("impression", one.item_id, { recommendation_id: answer.recommendation_id });
    inside.addEventListener("click", () => track("click", one.item_id, { recommendation_id: answer.recommendation_id }));
    seen.observe(item);
    return item;
  }

  function watcher() {
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) { seen.unobserve(target); target.seen(); }
    }, { threshold: 0.5 });
    return seen;
  }

  async function fill(place) {
    const { endcap, item, k, title } = place.dataset;
    try {
      const answer = await post("recommend", { surface: endcap, user_id: user, anonymous_id: visitor,
        context_items: item ? item.split(",").map((one) => one.trim()) : [], k: k ? Number(k) : undefined,
        return_products: true, consent: agreed });
      if (!answer.ok) throw new Error(answer.status);
      const body = await answer.json();
      place.hidden = !body.results.length;
      const seen = watcher();
      const list = make("ul", { tabIndex: 0 }, ...body.results.map((one) => card(one, body, seen)));
      list.setAttribute("role", "list");
      const heading = title || endcap.replaceAll("-", " ");
      list.setAttribute("aria-label", heading);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const turn = (name, sign, way) => {
        const button = make("button", { type: "button", textContent: sign,
          onclick: () => list.scrollBy({ left: way * list.clientWidth * 0.8, behavior: still ? "auto" : "smooth" }) });
        button.setAttribute("aria-label", name + ": " + heading);
        return button;
      };
      const section = make("section", { className: "endcap" }, make("h2", { textContent: heading }),
        turn("Previous", "\u2039", -1), turn("Next", "\u203a", 1), list);
      section.setAttribute("aria-label", heading);
      place.replaceChildren(section);
    } catch { place.hidden = true; }
  }

  const render = () => Promise.all([...document.querySelectorAll("[data-endcap]")].map(fill));

  function start() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`.endcap ul{display:flex;gap:1rem;overflow-x:auto;scroll-snap-type:x mandatory;list-style:none;
margin:.5rem 0;padding:.25rem}.endcap li{flex:0 0 10rem;scroll-snap-align:start}.endcap-card{display:grid;gap:.25rem}
.endcap img{max-width:100%}.endcap :focus-visible{outline:3px solid;outline-offset:2px}`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    consent(agreed);
    try { queue = (agreed && JSON.parse(stored("sessionStorage", QUEUE))) || []; } catch { queue = []; }
    if (queue.length) later(0);
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
    render();
  }

  window.endcap = { track, consent, render, identify: (id) => { user = id || undefined; } };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
