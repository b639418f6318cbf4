// Draws every chart with the colours of the page, anew when light turns to dark or the page is printed.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)").matches; // a finger that drags wants to scroll
  const charts = document.querySelectorAll("[data-chart]");
  const coloured = (value, style) => {
    if (typeof value === "string") return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
    if (Array.isArray(value)) return value.map((v) => coloured(v, style));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, style)]));
    return value;
  };
  const paper = matchMedia("print");
  const draw = () => {
    const style = getComputedStyle(document.documentElement);
    const axis = {
      gridcolor: "--line", zerolinecolor: "--ink-soft", linecolor: "--line", tickfont: { color: "--ink-soft" },
    };
    charts.forEach((div) => {
      const chart = JSON.parse(document.getElementById(div.dataset.chart).textContent);
      const layout = {
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: style.getPropertyValue("--sans"), size: 13, color: "--ink-soft" },
        hoverlabel: { bgcolor: "--panel", bordercolor: "--line", font: { color: "--ink" } },
        ...chart.layout,
      };
      // On paper nothing is measured before it is drawn: 182 mm of A4 between the margins, less the figure's padding.
      if (paper.matches) layout.width = div.closest(".pair, .grid") ? 298 : 648;
      for (const name of Object.keys(layout)) {
        if (!/^[xy]axis/.test(name)) continue;
        const own = layout[name];
        const title = { ...own.title, font: { size: 13 } };
        layout[name] = { ...axis, fixedrange: !chart.zoom || touch || name[0] === "y", ...own, title };
      }
      Plotly.react(div, coloured(chart.data, style), coloured(layout, style), { displayModeBar: false, responsive: true });
    });
  };
  draw();
  dark.addEventListener("change", draw);
  paper.addEventListener("change", draw);
})();
