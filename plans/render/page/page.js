"use strict";
(async () => {
  // The data's lines are described at pageData, in Go. Everything is put into
  // the page as text, never as HTML.
  const $ = (id) => document.getElementById(id);
  // The theme is the system's until someone says otherwise.
  const theme = $("theme"), themes = ["system", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("edmsplan-theme"); } catch { return null; } };
  const dress = (t) => {
    if (t === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = t;
    theme.textContent = "Theme: " + t;
    theme.dataset.is = t;
  };
  theme.hidden = false;
  dress(themes.includes(stored()) ? stored() : "system");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.dataset.is) + 1) % themes.length];
    try { localStorage.setItem("edmsplan-theme", next); } catch { /* a page from a file may not store */ }
    dress(next);
  });

  // Many records are packed.
  const unpack = async () => {
    const packed = atob($("data").textContent), bytes = new Uint8Array(packed.length);
    for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const text = $("data").type === "application/gzip" ? await unpack().catch(() => null) : $("data").textContent;
  if (text === null) {
    $("packed").hidden = false;
    document.documentElement.dataset.ready = "true";
    return;
  }
  const most = +$("browser").dataset.count;
  const models = JSON.parse(text.slice(0, text.indexOf("\n")));
  let lacking = 0, count = 0; // count grows while the data is read
  const ACTIONS = [
    { kind: "destroy", mark: "−", word: "destroy", will: "will be destroyed" },
    { kind: "change", mark: "~", word: "change", will: "will be updated in-place" },
    { kind: "add", mark: "+", word: "add", will: "will be created" },
    { kind: "remap", mark: "⇄", word: "remap", will: "will be remapped" },
  ];
  const ROW = 52;
  const model = new Uint32Array(most);
  const action = new Uint8Array(most);
  const shape = new Int32Array(most);
  const rest = new Uint32Array(most); // where the record's key begins in the text
  const ends = new Uint32Array(most); // and where its line ends
  const firsts = []; // by shape, its first record
  const modelCounts = new Array(models.length).fill(0);
  const actionCounts = [0, 0, 0, 0];

  // inSlices calls step, which says whether there is more to do, until there is
  // not. It leaves the page time to answer after every few milliseconds.
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => waiting.shift()();
  const inSlices = (step, done) => {
    const until = performance.now() + 12;
    while (step()) {
      if (performance.now() < until) continue;
      waiting.push(() => inSlices(step, done));
      channel.port2.postMessage(0);
      return;
    }
    done();
  };

  let at = text.indexOf("\n") + 1;
  const integer = () => {
    let n = 0, minus = false;
    for (; ; at++) {
      const c = text.charCodeAt(at);
      if (c === 45) minus = true;
      else if (c >= 48 && c <= 57) n = 10 * n + c - 48;
      else break;
    }
    at++;
    return minus ? -n : n;
  };
  const read = () => {
    for (let n = 0; n < 500; n++) {
      const end = text.indexOf("\n", at);
      if (end < 0) {
        lacking = +text.slice(at);
        return false;
      }
      const i = count++;
      const m = integer(), a = integer(), s = integer();
      model[i] = m;
      action[i] = a;
      shape[i] = s;
      rest[i] = at;
      ends[i] = end;
      if (s >= 0 && firsts[s] === undefined) firsts[s] = i;
      modelCounts[m]++;
      actionCounts[a]++;
      at = end + 1;
    }
    return true;
  };
  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const records = (n) => number(n) + (n === 1 ? " record" : " records");
  const line = (i) => text.slice(rest[i], ends[i]);
  const parse = (i) => JSON.parse("[" + line(i) + "]");

  // record is all that the page knows of one, with what it shares with others.
  const record = (i) => {
    const [key, own] = parse(i);
    const all = shape[i] >= 0 ? Object.assign({}, parse(firsts[shape[i]])[1], { h: 0, p: "", c: "", m: undefined }, own) : own;
    return { i, key, model: models[model[i]], action: ACTIONS[action[i]], shape: shape[i], ...all };
  };

  const el = (tag, attributes, ...children) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes || {})) {
      if (k === "class") e.className = v;
      else e.setAttribute(k, v);
    }
    for (const c of children) if (c !== null && c !== undefined && c !== "") e.append(c);
    return e;
  };
  const chip = (a) => el("span", { class: "chip " + a.kind, "aria-hidden": "true" }, a.mark);

  // What is shown: indexes of records, and ~shape for a group of them.
  let view = [], active = -1, expanded = new Set(), groupSizes = [];
  const list = $("list"), space = $("space"), detail = $("detail"), status = $("status");
  const query = $("q"), chooser = $("model"), grouping = $("group");
  const boxes = [];

  let asked = 0; // how often: an answer that is no longer asked for is dropped
  const filter = (then) => {
    const turn = ++asked;
    const typed = query.value.trim().toLowerCase();
    const q = JSON.stringify(typed).slice(1, -1).replace(/</g, "\\u003c").replace(/>/g, "\\u003e").replace(/&/g, "\\u0026");
    // A text may stand in the data escaped once more, inside JSON text.
    const q2 = JSON.stringify(q).slice(1, -1);
    const wanted = chooser.value === "" ? -1 : +chooser.value;
    const on = boxes.map((b) => b.checked);
    const named = models.map((m) => typed !== "" && m.toLowerCase().includes(typed));
    const shared = new Map();
    const has = (text) => text.includes(q) || text.includes(q2);
    const inShape = (s) => {
      if (!shared.has(s)) {
        const own = parse(firsts[s])[1];
        shared.set(s, has(JSON.stringify(own).replace(/</g, "\\u003c").replace(/>/g, "\\u003e").replace(/&/g, "\\u0026").toLowerCase()) || inWords(own.f));
      }
      return shared.get(s);
    };
    // The words of a long text stand apart, in pieces: each side is put together.
    const inWords = (fields) => (fields || []).some((f) => {
      if (f[1] === "o") return inWords(f[2]);
      if (f[1] !== "w") return false;
      return ["-", "+"].some((side) => f[4].map(([op, t]) => (op === "=" || op === side ? t : op === "…" ? "…" : "")).join("").toLowerCase().includes(typed));
    });
    const inRecord = (i) => {
      const own = line(i);
      return has(own.toLowerCase()) || (own.includes('"w",') && inWords(parse(i)[1].f)) || (shape[i] >= 0 && inShape(shape[i]));
    };
    const hits = [], sizes = new Uint32Array(firsts.length);
    let i = 0;
    const some = () => {
      if (turn !== asked) return false;
      for (const end = Math.min(count, i + 200); i < end; i++) {
        if (!on[action[i]] || (wanted >= 0 && model[i] !== wanted)) continue;
        if (typed !== "" && !named[model[i]] && !inRecord(i)) continue;
        hits.push(i);
        if (shape[i] >= 0) sizes[shape[i]]++;
      }
      return i < count;
    };
    status.dataset.busy = "true";
    const slow = setTimeout(() => { if (turn === asked) status.textContent = "Searching…"; }, 300);
    inSlices(some, () => {
      clearTimeout(slow);
      if (turn !== asked) return;
      groupSizes = sizes;
      view = grouping.checked ? grouped(hits) : hits;
      space.style.height = view.length * ROW + "px";
      let said = hits.length === count ? records(count) : number(hits.length) + " of " + records(count);
      if (view.length !== hits.length) said += " in " + number(view.length) + (view.length === 1 ? " row" : " rows");
      if (lacking > 0) said += "; " + number(lacking) + " more are not in this file, edmsplan show -all lists them";
      delete status.dataset.busy;
      status.textContent = said + ".";
      then();
    });
  };

  // grouped has one row for the records alike, and the single ones below it
  // where they are asked for.
  const grouped = (hits) => {
    const rows = [], seen = new Uint8Array(firsts.length), members = new Map();
    for (const s of expanded) members.set(s, []);
    if (members.size > 0) for (const i of hits) if (members.has(shape[i])) members.get(shape[i]).push(i);
    for (const i of hits) {
      const s = shape[i];
      if (s < 0 || groupSizes[s] === 1) { rows.push(i); continue; }
      if (seen[s]) continue;
      seen[s] = 1;
      rows.push(~s);
      for (const m of members.get(s) || []) rows.push(m);
    }
    return rows;
  };

  const refresh = (keep) => {
    const was = keep && active >= 0 ? view[active] : undefined;
    filter(() => {
      active = was === undefined ? -1 : view.indexOf(was);
      if (!keep) list.scrollTop = 0;
      if (view.length === 0) {
        active = -1;
        detail.replaceChildren();
      } else if (active < 0 || view[active] < 0) { // another record, or a group that says whether it is listed
        active = Math.max(0, active);
        show();
      }
      draw();
    });
  };

  const shorten = (s, n) => (s.length > n ? s.slice(0, n) + "…" : s);
  const side = (v) => (v === "" ? "null" : v);
  const inline = (f) => (f[1] === "v" && f[2] !== "" ? f[0] + " " + shorten(side(f[2]), 30) + " → " + shorten(side(f[3]), 30) : f[0]);
  const summary = (r) => {
    if (r.f) return r.f.slice(0, 4).map(r.f.length < 3 ? inline : (f) => f[0]).join(", ") + (r.f.length > 4 ? " and " + (r.f.length - 4) + " more" : "");
    return r.y ? r.y.replace(/^\(|\)$/g, "") : r.action.will;
  };

  const row = (n) => {
    const item = view[n], group = item < 0;
    const r = record(group ? firsts[~item] : item);
    const open = group && expanded.has(~item);
    const first = group ? (open ? "▾ " : "▸ ") + records(groupSizes[~item]) : r.key || r.model;
    const e = el("div", {
      class: "row" + (!group && grouping.checked && r.shape >= 0 && expanded.has(r.shape) ? " member" : ""), role: "option", id: "row-" + n,
      "aria-selected": String(n === active), "aria-setsize": view.length, "aria-posinset": n + 1,
    }, chip(r.action), el("span", { class: "two" }, el("span", { class: "key1 mono" }, first),
      el("span", { class: "sub" }, el("span", { class: "away" }, r.action.word + ": "), r.model + " · " + summary(r))));
    e.style.top = n * ROW + "px";
    return e;
  };

  const draw = () => {
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
    const to = Math.min(view.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
    const rows = [];
    for (let n = from; n < to; n++) rows.push(row(n));
    if (view.length === 0) rows.push(el("p", { class: "nothing" }, "No record is like this."));
    space.replaceChildren(...rows);
    if (active >= from && active < to) list.setAttribute("aria-activedescendant", "row-" + active);
    else list.removeAttribute("aria-activedescendant");
  };

  const go = (n) => {
    if (view.length === 0) return;
    active = Math.max(0, Math.min(view.length - 1, n));
    const top = active * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    draw();
    show();
  };

  const value = (tag, mark, said, text) => el(tag, {}, el("span", { "aria-hidden": "true" }, mark + " "), el("span", { class: "away" }, said + ": "), text);
  const difference = (f) => {
    const name = el("div", {}, el("span", { class: "fname mono" }, f[0]));
    const out = el("div", { class: "diff" }, name);
    switch (f[1]) {
      case "s":
        out.append(el("div", { class: "cut" }, "(sensitive value: it differs)"));
        break;
      case "v":
        if (f[2] !== "") out.append(value("del", "−", "before", f[2]));
        out.append(f[3] === "" ? value("del", "−", "after", "is gone") : value("ins", "+", "after", f[3]));
        break;
      case "w": {
        name.append(el("span", { class: "dim" }, " " + number(f[2]) + " → " + number(f[3]) + " characters"));
        const text = el("div", { class: "text" });
        for (const [op, t] of f[4]) {
          if (op === "=") text.append(t);
          else if (op === "…") text.append(el("span", { class: "cut" }, " … " + number(t) + " characters not shown … "));
          else text.append(el(op === "-" ? "del" : "ins", {}, t));
        }
        out.append(text);
        break;
      }
      case "o":
        for (const d of f[2]) out.append(difference(d));
        if (f[3] > 0) out.append(el("p", { class: "cut" }, "and " + number(f[3]) + " more paths, not shown"));
        break;
      case "l":
        name.append(el("span", { class: "dim" }, " " + number(f[2]) + " → " + number(f[3]) + " elements"));
        for (const t of f[4]) out.append(value("del", "−", "removed", t));
        if (f[6] > 0) out.append(el("p", { class: "cut" }, "and " + number(f[6]) + " more removed, not shown"));
        for (const t of f[5]) out.append(value("ins", "+", "added", t));
        if (f[7] > 0) out.append(el("p", { class: "cut" }, "and " + number(f[7]) + " more added, not shown"));
    }
    return out;
  };

  const show = () => {
    const item = view[active], group = item < 0;
    const r = record(group ? firsts[~item] : item);
    const size = group ? groupSizes[~item] : 1;
    const close = el("button", { type: "button", class: "close" }, "Close");
    close.addEventListener("click", back);
    const parts = [close, el("h3", {}, chip(r.action), el("span", { class: "mono" }, group ? r.model + ": " + records(size) : r.model + r.key)),
      el("p", {}, (r.t ? "A stub, not in the package: " : "") + "It ".replace("It", group ? "They" : "It") + r.action.will + ".")];
    const say = (text, kind) => parts.push(el("p", { class: kind || "" }, text));
    if (r.y) say(r.y.replace(/^\(because /, "Because ").replace(/\)$/, ""));
    if (r.b) parts.push(el("p", { class: "banner bad" }, "Blocked: prevent_destroy forbids it; see the diagnostics."));
    if (r.o) say("Renamed: the live record is " + r.o + ".");
    if (!group) for (const [f, p, l] of r.m || []) say("Remapped: " + f + " " + p + " in the package is " + l + " here.");
    if (r.action.kind === "add" && !group && !r.k) say(r.p ? "Its primary key is " + r.p + ", as in the package." : "Its primary key is known after the apply.", "dim");
    if (r.f && r.f.length) parts.push(el("div", { class: "diffs" }, ...r.f.map(difference)));
    if (!group && r.h > 0) say(number(r.h) + (r.h === 1 ? " field stays" : " fields stay") + " as it is.".replace("it is", r.h === 1 ? "it is" : "they are"), "note");
    if (r.action.kind === "add" && !r.f) say("A plan holds an added record's natural key and a digest of its fields; the fields are in the package.", "note");
    if (r.action.kind === "destroy") say("A plan holds a destroyed record's natural key; its fields are in the live database.", "note");
    if (!group && r.c) parts.push(el("p", { class: "dim" }, "Digest of its fields: ", el("span", { class: "mono" }, r.c)));
    if (group) {
      const toggle = el("button", { type: "button", class: "link" }, expanded.has(~item) ? "Hide the single records" : "List the " + records(size));
      toggle.addEventListener("click", () => flip(~item));
      parts.push(el("p", {}, toggle));
    }
    detail.replaceChildren(...parts);
    detail.scrollTop = 0;
  };

  const flip = (s) => {
    if (expanded.has(s)) expanded.delete(s);
    else expanded.add(s);
    refresh(true);
    list.focus({ preventScroll: true });
  };
  const narrow = matchMedia("(max-width:46rem)");
  const open = () => {
    if (active < 0) return;
    detail.classList.add("open");
    if (narrow.matches) {
      detail.setAttribute("role", "dialog");
      detail.setAttribute("aria-modal", "true");
    }
    detail.focus({ preventScroll: true });
  };
  const back = () => {
    detail.classList.remove("open");
    detail.setAttribute("role", "region");
    detail.removeAttribute("aria-modal");
    list.focus({ preventScroll: true });
  };

  // choose filters for a model, and for one action if it is given.
  const choose = (m, a) => {
    query.value = "";
    chooser.value = modelCounts[m] > 0 ? String(m) : "";
    if (a !== undefined) boxes.forEach((b, n) => { b.checked = n === a; });
    else boxes.forEach((b) => { b.checked = true; });
    refresh(false);
    $("changes").scrollIntoView();
    list.focus({ preventScroll: true });
  };

  let timer = 0;
  query.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => refresh(false), 120); });
  query.form.addEventListener("submit", (e) => { e.preventDefault(); refresh(false); list.focus(); });
  chooser.addEventListener("change", () => refresh(false));
  grouping.addEventListener("change", () => refresh(true));
  let framed = false;
  list.addEventListener("scroll", () => {
    if (framed) return;
    framed = true;
    requestAnimationFrame(() => { framed = false; draw(); });
  });
  addEventListener("resize", draw);
  list.addEventListener("click", (e) => {
    const r = e.target.closest(".row");
    if (!r) return;
    const n = +r.id.slice(4), again = n === active;
    go(n);
    if (view[n] < 0 && again) flip(~view[n]);
    else if (narrow.matches) open();
  });
  const enter = () => {
    if (active >= 0 && view[active] < 0) flip(~view[active]);
    else open();
  };
  // On a phone a record covers the page: the keyboard stays in it until it is closed.
  detail.addEventListener("keydown", (e) => {
    if (e.key !== "Tab" || !detail.classList.contains("open") || !narrow.matches) return;
    const all = [...detail.querySelectorAll("button")];
    const next = all.indexOf(document.activeElement) + (e.shiftKey ? -1 : 1);
    all[(next + all.length) % all.length].focus();
    e.preventDefault();
  });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target instanceof Element && e.target.matches("input[type=search],select,textarea");
    if (e.key === "Escape") {
      if (detail.contains(e.target) || detail.classList.contains("open")) { back(); e.preventDefault(); }
      else if (e.target === query) { if (query.value) { query.value = ""; refresh(false); } list.focus(); e.preventDefault(); }
      return;
    }
    if (typing) { if (e.target === query && e.key === "ArrowDown") { list.focus(); e.preventDefault(); } return; }
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const moves = { j: 1, k: -1 };
    const inList = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (e.key === "/") { query.focus(); query.select(); query.scrollIntoView({ block: "nearest" }); }
    else if (e.key in moves) { if (document.activeElement !== list && !detail.contains(document.activeElement)) { list.focus(); } go(active + moves[e.key]); }
    else if (document.activeElement === list && e.key in inList) go(active + inList[e.key]);
    else if (document.activeElement === list && e.key === "Enter") enter();
    else return;
    e.preventDefault();
  });
  document.querySelectorAll("[data-show]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => choose(+b.dataset.show, +b.dataset.action));
  });

  const picture = document.querySelector("svg.graph");
  if (picture) {
    const fit = $("fit"), frame = picture.parentElement, natural = picture.viewBox.baseVal.width;
    const scale = (on) => {
      picture.classList.toggle("fit", on);
      fit.textContent = on ? "Full size" : "Fit to the page";
      // At full size the gravest change is in sight.
      const gravest = picture.querySelector(".node.destroy") || picture.querySelector(".node.change") || picture.querySelector(".node.add");
      if (!on && gravest) {
        const box = gravest.querySelector("rect");
        frame.scrollLeft = box.x.baseVal.value - (frame.clientWidth - box.width.baseVal.value) / 2;
        frame.scrollTop = box.y.baseVal.value - frame.clientHeight / 2;
      }
    };
    fit.hidden = natural <= frame.clientWidth;
    scale(!fit.hidden && frame.clientWidth / natural > 0.6);
    fit.addEventListener("click", () => scale(!picture.classList.contains("fit")));
    const light = (node) => {
      picture.classList.toggle("lit", node !== null);
      picture.querySelectorAll(".edge").forEach((e) => e.classList.toggle("on", node !== null && (e.dataset.from === node || e.dataset.to === node)));
    };
    picture.querySelectorAll(".node").forEach((n) => {
      for (const on of ["mouseenter", "focus"]) n.addEventListener(on, () => light(n.dataset.node));
      for (const off of ["mouseleave", "blur"]) n.addEventListener(off, () => light(null));
      const pick = () => choose(+n.dataset.model);
      n.addEventListener("click", pick);
      n.addEventListener("keydown", (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); pick(); } });
    });
  }

  $("browser").hidden = false;
  status.textContent = "Reading the records…";
  inSlices(read, () => {
    models.forEach((m, n) => {
      if (modelCounts[n] > 0) chooser.append(el("option", { value: n }, m + " (" + number(modelCounts[n]) + ")"));
    });
    ACTIONS.forEach((a, n) => {
      const box = el("input", { type: "checkbox" });
      box.checked = true;
      box.disabled = actionCounts[n] === 0;
      boxes.push(box);
      box.addEventListener("change", () => refresh(true));
      if (actionCounts[n] > 0) $("actions").append(el("label", {}, box, chip(a), a.word + " " + number(actionCounts[n])));
    });
    refresh(false);
    performance.mark("ready");
    document.documentElement.dataset.ready = "true";
  });
})();
