/* Endcap on a shop's pages; the guide "Shop pages" says more.
   <script src="https://endcap.shop.example/endcap.js" data-key="KEY" data-consent="true" defer></script>
   <main data-endcap-event="view_item" data-item="sku-1">  <div data-endcap="similar-items" data-item="sku-1"></div> */
(() => {
  "use strict";
  if (window.endcap) return;
  const own = document.currentScript || document.querySelector("script[src*='endcap.js']"), set = own.dataset;
  const api = new URL("api/v1/", own.src).href, here = api.startsWith(location.origin + "/");
  const VISITOR = "endcap.visitor", USER = "endcap.user", SESSION = "endcap.session", QUEUE = "endcap.queue";
  const page = document, coded = encodeURIComponent;
  const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
  /* Digits, so that it is an id in shops whose customers have numbers, too. */
  const newVisitor = () => String(crypto.getRandomValues(new BigUint64Array(1))[0] >> 2n);
  let agreed, user, visitor = newVisitor(), held = "", acts = [], queue = [], wait = 0, timer = 0, sending, left, ready;

  function stored(name, value) {
    try {
      const store = name === QUEUE ? sessionStorage : localStorage;
      if (value === undefined) return store.getItem(name);
      value ? store.setItem(name, value) : store.removeItem(name);
    } catch { /* storage is off or full: memory has to do */ }
  }
  const all = (which) => [...page.querySelectorAll(which)];
  const keep = () => agreed && stored(QUEUE, JSON.stringify(queue));
  const restored = () => { try { return [].concat(JSON.parse(stored(QUEUE)) || []); } catch { return []; } };
  const isFeedback = (event) => event === "impression" || event === "click";

  /* Until there is an answer, what happens on the page waits in its memory; nothing is read, sent or kept. */
  async function consent(yes) {
    agreed = typeof yes === "boolean" ? yes : undefined;
    if (agreed) {
      visitor = set.visitor || stored(VISITOR) || visitor;
      if (!set.visitor) stored(VISITOR, visitor);
      for (const one of queue) one.anonymous_id = visitor;
      queue = [...restored(), ...queue];
      keep();
      await Promise.all([user && identify(user), send()]);
    } else if (agreed === false) {
      for (const name of [VISITOR, USER, SESSION, QUEUE]) stored(name, "");
      visitor = newVisitor();
      queue = [];
    }
  }

  /* Who logs in takes along what the visitor did; who logs out, or in as somebody else, leaves a new visitor. */
  async function identify(id) {
    user = id || undefined;
    const known = agreed && stored(USER);
    if (!agreed || (known || undefined) === user) return;
    if (known && !set.visitor) stored(VISITOR, visitor = newVisitor());
    stored(USER, "");
    if (!user) return;
    const path = "users/" + coded(user) + ":merge";
    if ((await post(path, { anonymous_id: visitor }).catch(() => ({}))).ok) stored(USER, user);
  }

  function session() { // a new one after half an hour without a word
    let [id, last] = ((agreed && stored(SESSION)) || held).split(" ");
    if (!(Date.now() - last < 18e5)) id = newId();
    held = id + " " + Date.now();
    if (agreed) stored(SESSION, held);
    return id;
  }

  function track(event, item, props = {}) {
    if (!isFeedback(event)) acts = [...acts, item].slice(-100);
    if (agreed === false || (!agreed && isFeedback(event))) return Promise.resolve();
    const order = props.transaction_id; // a page of thanks that is loaded again is no second purchase
    queue.push({ event_id: order ? [event, order, item].join(" ") : newId(), ...props, event, item_id: item,
      user_id: user, anonymous_id: visitor, session_id: session(), timestamp: new Date().toISOString(), consent: true });
    queue = queue.slice(-1000);
    keep();
    return isFeedback(event) ? later(2000) : send();
  }

  function later(ms) { timer ||= setTimeout(send, ms); }
  const send = () => sending ||= flush().finally(() => {
    sending = null;
    if (agreed && queue.length && !timer) return send(); // came in while it ended
  });
  async function flush() {
    clearTimeout(timer);
    timer = 0;
    while (agreed && queue.length) {
      const events = queue.slice(0, 50); // of each the server judges for itself: one that is refused stops no other
      const status = await post("events:batch", { events }).then((answer) => answer.status, () => 599);
      if (status >= 500 || status === 429) return later(wait = Math.min(6e4, 2 * wait || 1e3)); // under the same ids
      wait = 0;
      queue = queue.filter((one) => !events.includes(one));
      keep();
    }
  }

  /* What is sent while the page goes stays queued: the next page sends it again, and ids make it count once. */
  function leave() {
    if (!agreed || !queue.length || left === queue.at(-1)) return;
    left = queue.at(-1);
    const body = { events: queue.slice(0, 50) }, to = api + "events:batch?key=" + coded(set.key || "");
    const blob = new Blob([JSON.stringify(body)], { type: "application/json" });
    if (!here || !navigator.sendBeacon?.(to, blob)) post("events:batch", body, true).catch(() => {});
  }

  function post(path, body, keepalive = false) {
    const headers = { "content-type": "application/json" };
    if (set.key) headers.authorization = "Bearer " + set.key;
    return fetch(api + path, { method: "POST", headers, body: JSON.stringify(body), keepalive, credentials: "omit" });
  }

  async function ask(path, body) {
    const who = agreed ? { anonymous_id: visitor } : { history: acts, consent: false };
    const answer = await post(path, { user_id: user, ...who, ...body }), said = await answer.json();
    if (!answer.ok) throw new Error(said.detail);
    return said;
  }

  function make(tag, props, ...children) {
    const node = Object.assign(page.createElement(tag), props);
    node.append(...children);
    return node;
  }
  const span = (name, ...children) => make("span", { className: "endcap-" + name }, ...children);

  function safe(link) { // never "javascript:"
    const a = make("a", { href: link || "" });
    return link && /^https?:$/.test(a.protocol) ? a.href : "";
  }

  function money(value) {
    const how = set.currency ? { style: "currency", currency: set.currency } : { minimumFractionDigits: 2 };
    try { return new Intl.NumberFormat(set.locale || page.documentElement.lang || undefined, how).format(value); }
    catch { return String(value); }
  }

  function card(one, answer, place, seen) {
    const { item_id, reason } = one;
    const { title = String(item_id), product_type = "", price, sale_price, link, image_link } = one.product || {};
    const href = safe(link || set.link?.replace("{id}", coded(item_id)));
    const inside = make(href ? "a" : "span", { className: "endcap-card" }), src = safe(image_link), art = span("image");
    if (href) inside.href = href;
    art.ariaHidden = "true";
    art.dataset.initial = [...title][0] || "";
    if (src) art.append(make("img", { alt: "", loading: "lazy", onerror() { this.remove(); }, src }));
    inside.append(art, span("title", title));
    if (price != null)
      inside.append(span("price", ...(sale_price < price && sale_price != null
        ? [make("ins", {}, money(sale_price)), " ", make("del", {}, money(price))] : [money(price)])));
    if (place.dataset.explain !== undefined) inside.append(span("reason", reason.text));
    const item = make("li", {}, inside);
    const says = (event) => track(event, item_id, { recommendation_id: answer.recommendation_id });
    Object.assign(item.dataset, { item: item_id, type: product_type });
    item.seen = () => says("impression");
    inside.onclick = () => says("click");
    inside.onauxclick = ({ button }) => button === 1 && says("click");
    seen.observe(item);
    return item;
  }

  function carousel(place, answer) {
    const { endcap, title = endcap[0].toUpperCase() + endcap.slice(1).replaceAll("-", " "), level = 2 } = place.dataset;
    const only = place.dataset.only, shown = answer.results.filter(({ reason }) => !only || only === reason.code);
    place.hidden = !shown.length;
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) { seen.unobserve(target); target.seen(); }
    }, { threshold: 0.5 });
    const list = make("ul", { role: "list" }, ...shown.map((one) => card(one, answer, place, seen)));
    const turn = (name, sign, way) => make("button", { type: "button", ariaLabel: name + ": " + title, onclick() {
      list.scrollBy({ left: way * list.clientWidth * 0.9 * (getComputedStyle(list).direction === "rtl" ? -1 : 1),
        behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    } }, sign);
    const back = turn(set.previous || "Previous", "\u2190", -1), on = turn(set.next || "Next", "\u2192", 1);
    const ends = () => {
      const at = Math.abs(list.scrollLeft), most = list.scrollWidth - list.clientWidth;
      back.hidden = on.hidden = most < 2;
      back.ariaDisabled = at < 2; // not disabled: that would take the focus away
      on.ariaDisabled = at > most - 2;
    };
    list.onscroll = ends;
    new ResizeObserver(ends).observe(list);
    const head = make("div", { className: "endcap-head" }, make("h" + level, { textContent: title }), back, on);
    place.replaceChildren(make("section", { className: "endcap", ariaLabel: title }, head, list));
  }

  const listed = (text) => text ? (text[0] === "[" ? JSON.parse(text) : text.split(/\s*,\s*/)) : [];
  async function fill(place) {
    const { endcap, item, exclude, k, filter, explain } = place.dataset, turn = place.turn = {};
    try {
      const answer = await ask("recommend", { surface: endcap, context_items: listed(item), exclude: listed(exclude),
        k: k ? Number(k) : undefined, filter, explain: explain !== undefined, return_products: true });
      if (place.turn !== turn) return; // asked again meanwhile
      carousel(place, answer);
      place.dispatchEvent(new CustomEvent("endcap:answer", { bubbles: true, detail: answer }));
    } catch (error) {
      console.warn("endcap", endcap, error.message);
      if (!place.firstElementChild) place.hidden = true; // what the shop put there stays
    }
  }

  function declared(node) {
    const { endcapEvent, item, price, quantity = node.elements?.quantity?.value, transaction } = node.dataset;
    return track(endcapEvent, item, { price: price ? Number(price) : undefined,
      quantity: quantity ? Number(quantity) : undefined, transaction_id: transaction });
  }

  /* Say what the page declares, then fill its places; a page that changed itself calls it again. */
  async function render() {
    const told = all("[data-endcap-event]:not(form,button,a)").filter((node) => !node.told);
    for (const node of told) node.told = true;
    const news = [...told.map(declared), queue.some((one) => !isFeedback(one.event)) && send(), ready];
    await Promise.race([Promise.all(news), new Promise((done) => setTimeout(done, 500))]); // so that the answers know of it
    await Promise.all(all("[data-endcap]").map(fill));
  }

  /* The weight of an element each, ~ being none: what a shop says of a class wins, what it says of all buttons doesn't. */
  const CSS = `[data-endcap]:empty{min-height:var(--endcap-space,19rem)}
~-head){display:flex;align-items:center;gap:.5rem}
~-head)>*{margin:0 auto 0 0}
~) button{font:inherit;width:2.5rem;height:2.5rem;padding:0;border:1px solid;border-radius:50%;background:0 0;color:inherit;margin:0}
~) [aria-disabled=true]{opacity:.35}
~) ul{display:flex;gap:var(--endcap-gap,1rem);overflow-x:auto;list-style:none;margin:.5rem 0;padding:.25rem}
~) li{flex:0 0 var(--endcap-card,10rem);margin:0}
~) li>*{display:flex;flex-direction:column;gap:.25rem;color:inherit;text-decoration:none;overflow-wrap:anywhere}
~-image){display:grid;aspect-ratio:1;overflow:hidden;place-items:center;border-radius:.5rem;background:#8882}
~-image)>*,~-image)::before{grid-area:1/1}
~-image)::before{content:attr(data-initial);font-size:3rem;opacity:.4}
~) img{width:100%;height:100%;object-fit:cover}
~) ins{text-decoration:none}
~) del,~-reason){font-size:.85em;opacity:.75}
~) :focus-visible{outline:3px solid;outline-offset:2px}`.replaceAll("~", ":where(.endcap");

  function start() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      page.adoptedStyleSheets.push(sheet);
    } catch { /* an old browser shows a plain list */ }
    user = set.user || undefined;
    ready = consent({ true: true, false: false }[set.consent]);
    if (set.user === "") identify(""); // the page knows that nobody is logged in; without the attribute it doesn't
    for (const [type, tags] of [["submit", "form"], ["click", ":is(button,a)"]])
      page.addEventListener(type, ({ target }) => {
        const node = target.closest(tags + "[data-endcap-event]");
        if (node) declared(node);
      }, true);
    addEventListener("online", send);
    addEventListener("pagehide", leave);
    addEventListener("pageshow", ({ persisted }) => { if (persisted && agreed) { queue = restored(); send(); } });
    page.addEventListener("visibilitychange", () => page.visibilityState === "hidden" && leave());
    render();
  }

  window.endcap = { track, render, ask, consent: (yes) => consent(yes).then(render), identify: (id) => identify(id).then(render) };
  if (page.readyState === "loading") page.addEventListener("DOMContentLoaded", start);
  else start();
})();
