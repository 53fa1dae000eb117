"use strict";
// Sorts tables and says what a number counts. Everything can be read without it; it makes its own buttons and its own panel.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).dataset.json);
  const words = read("words"), labels = read("labels");
  const make = (tag, given = {}, ...inner) => {
    const element = Object.assign(document.createElement(tag), given);
    element.append(...inner);
    return element;
  };

  // -- tables: a row and those within it stay together, a total stays last
  const valueOf = (row, column) => {
    const cell = row.cells[column], data = cell.querySelector("data");
    return data ? Number(data.value) : cell.textContent.trim();
  };
  const sort = (table, column, direction) => {
    const body = table.tBodies[0], groups = [], last = [];
    for (const row of body.rows) {
      if (row.classList.contains("total")) last.push(row);
      else if (row.classList.contains("within") && groups.length) groups[groups.length - 1].push(row);
      else groups.push([row]);
    }
    const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    groups.sort(([one], [other]) => {
      const a = valueOf(one, column), b = valueOf(other, column);
      return direction * (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
    });
    body.append(...groups.flat(), ...last);
  };
  for (const table of document.querySelectorAll("table")) {
    if (table.querySelectorAll("tbody tr:not(.total)").length < 3) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = make("button", { type: "button", className: "sort", title: words.sort_by }, ...head.childNodes);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        // Numbers start with the largest, words with the first.
        const first = column ? "descending" : "ascending", other = column ? "ascending" : "descending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        for (const cell of head.parentElement.cells) cell.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        sort(table, column, order === "ascending" ? 1 : -1);
      });
    });
  }

  // -- numbers: a panel with what is counted, the address, and how to trace it
  const numbers = document.querySelectorAll("data[data-figure]");
  if (!numbers.length || !("showModal" in HTMLDialogElement.prototype)) return;
  const parts = Object.fromEntries(["value", "definition", "address", "trace"].map((name) => [name, make("dd")]));
  const label = make("p"), heading = make("h2", { id: "figure-heading", textContent: words.figure_panel });
  const close = make("button", { type: "button", textContent: words.figure_close });
  for (const name of ["address", "trace"]) parts[name].dir = "ltr";
  const panel = make("dialog", { className: "figure" }, heading, label,
    make("dl", {},
      make("dt", { textContent: words.figure_value }), parts.value,
      make("dt", { textContent: words.figure_definition }), parts.definition,
      make("dt", { textContent: words.figure_address }), parts.address,
      make("dt", { textContent: words.figure_trace }), parts.trace),
    close);
  panel.setAttribute("aria-labelledby", heading.id);
  document.body.append(panel);
  close.addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  const show = (number) => {
    const address = number.dataset.figure;
    label.textContent = labels[address] || "";
    parts.value.textContent = number.value;
    const defined = document.getElementById(`definition-${address.split(":")[1]}`);
    parts.definition.textContent = defined ? defined.closest("tr").cells[1].textContent : "";
    parts.definition.hidden = parts.definition.previousElementSibling.hidden = !defined;
    parts.address.replaceChildren(make("code", { textContent: address }));
    parts.trace.replaceChildren(make("code", { textContent: `casualty trace ${address}` }));
    panel.showModal();
  };
  for (const number of numbers) {
    const link = number.closest("a.figure");  // leads to its row without this
    if (link) {
      link.addEventListener("click", (event) => { event.preventDefault(); show(number); });
      continue;
    }
    number.tabIndex = 0;
    number.setAttribute("role", "button");
    number.addEventListener("click", () => show(number));
    number.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(number); }
    });
  }
})();
