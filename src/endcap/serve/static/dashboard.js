/* The dashboard's only script: a list that says where its news are is fetched anew while the page is looked at. */
"use strict";
for (const list of document.querySelectorAll("[data-news]")) {
  const every = Number(list.dataset.every || 2) * 1000;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(list.dataset.news, { credentials: "same-origin" });
        if (answer.ok && !answer.redirected) {
          const text = await answer.text();
          if (text !== list.shown) list.innerHTML = list.shown = text; /* made by the server, escaped there */
        }
      } catch { /* the server is away for a moment */ }
    }
    setTimeout(look, every);
  };
  setTimeout(look, every);
}
