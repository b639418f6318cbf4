/* What the demo shop adds to endcap.js: the consent banner, the search in the shopper's order, and what changed. */
(() => {
  "use strict";
  const agreed = () => document.querySelector("script[data-consent]").dataset.consent === "true";

  document.querySelector("[data-consent-form]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter, banner = event.target.closest("section");
    fetch(event.target.action, { method: "POST", body: new URLSearchParams({ answer: value }), redirect: "manual" });
    document.querySelector("script[data-consent]").dataset.consent = value;
    banner.remove();
    document.querySelector("main").focus();
    window.endcap.consent(value === "true");
  });

  /* A search result in the shopper's order: the products stay, their order changes. */
  async function rerank(list) {
    const rows = new Map([...list.children].map((row) => [row.dataset.item, row]));
    if (!rows.size) return;
    const before = [...rows.keys()];
    const { results } = await window.endcap.ask("rerank", { items: before, explain: true });
    let moved = 0;
    results.forEach(({ item_id, reason }, place) => {
      const row = rows.get(String(item_id)), why = document.createElement("span");
      if (before[place] !== String(item_id)) moved += 1;
      why.className = "endcap-reason";
      why.textContent = reason.text;
      row.firstElementChild.append(why);
      list.append(row);
    });
    const note = document.querySelector("[data-rerank-note]");
    note.textContent = `${rows.size} products, put into your order by Endcap (/rerank): ${moved} changed their places.`;
  }

  /* What is new in a list since it was last drawn is marked, so that one sees an event change the next answer. */
  document.addEventListener("endcap:answer", ({ target, detail }) => {
    if (!agreed() || target.dataset.item || target.dataset.filter) return;
    const name = "shop.seen." + detail.surface, now = detail.results.map((one) => String(one.item_id));
    let before = null;
    try {
      before = JSON.parse(sessionStorage.getItem(name));
      sessionStorage.setItem(name, JSON.stringify(now));
    } catch { return; }
    const fresh = before ? now.filter((item) => !before.includes(item)) : [];
    for (const item of fresh) target.querySelector(`li[data-item="${CSS.escape(item)}"]`)?.classList.add("is-new");
    if (!fresh.length) return;
    const note = document.createElement("small");
    note.className = "changed";
    note.textContent = `${fresh.length} new since your last look`;
    target.querySelector(".endcap-head").firstElementChild.append(" ", note);
  });

  addEventListener("load", () => document.querySelectorAll("[data-rerank]").forEach((list) => rerank(list).catch(() => {})));
})();
