// Explorers: figures that move without a kernel. The page holds the starting picture, the controls and the numbers; the
// frames of all other positions come in one packed script a figure, loaded when the figure comes near the screen.
// Pictures and texts were made by Python: nothing is computed here but which frame to show.
(() => {
  "use strict";

  const PAUSE = 600; // ms without a move after which the numbers are spoken and the address is set
  const BEAT = 500; // ms between two steps of Play
  const LATER = "later"; // stands in the place of frames that are not drawn yet
  const WAIT = "This figure cannot move yet: its frames are still to be drawn. Let make book run to its end, then move it again.";
  const SVG = "http://www.w3.org/2000/svg";

  // Before the body is painted, so that showing the controls moves nothing.
  document.documentElement.classList.add("explorers-move");

  /** Unpack base64 text that holds gzipped JSON. */
  function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  /** Run a script of the site; it leaves its text in window.mmlExplorers. */
  function run(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => resolve(script.remove());
      script.onerror = () => reject(new Error("its file of frames could not be loaded"));
      document.head.append(script);
    });
  }

  /** Write a text that differs from the one there. */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  /** A slider or a menu: a position in a list of values. */
  class Control {
    constructor(element, change) {
      this.element = element;
      this.name = element.name;
      this.values = JSON.parse(element.dataset.values).map(String);
      this.texts = element.dataset.texts ? JSON.parse(element.dataset.texts) : this.values;
      this.start = Number(element.dataset.start);
      this.output = element.parentElement.querySelector("output");
      element.addEventListener("input", change);
    }

    get index() { return this.element.selectedIndex ?? Number(this.element.value); }

    set index(index) {
      if (this.element.selectedIndex === undefined) this.element.value = index;
      else this.element.selectedIndex = index;
      this.write();
    }

    /** Say the position, with its unit, beside the slider and to a screen reader. */
    write() {
      if (!this.output) return;
      write(this.output, this.texts[this.index]);
      this.element.setAttribute("aria-valuetext", this.texts[this.index]);
    }
  }

  // ---- Pictures ----

  const GROUP = 1, END = 2;

  /** What a line of a frame is: the beginning of a group, its end, or a whole element. */
  const kindOf = (line) => (line[1] === "/" ? END : line.endsWith("/>") || line.includes("</") ? 0 : GROUP);

  /** Make the element that a piece of SVG describes. */
  function made(source) {
    const holder = document.createElementNS(SVG, "g");
    holder.innerHTML = source;
    return holder.firstChild;
  }

  /** A frame as it stands in the page: a tree of parts, each one line or a group of them, with its node. */
  class Picture {
    constructor(frame, lines) {
      Object.assign(this, { frame, lines, kinds: lines.map(kindOf) });
    }

    /** Show a frame, given by its steps from line to line; only what differs from the one before is touched. */
    show(steps) {
      const parts = this.read(steps);
      if (this.parts) this.change(this.frame, this.parts, parts);
      else {
        this.frame.innerHTML = parts.map((part) => this.source(part)).join("");
        parts.forEach((part, i) => this.tie(part, this.frame.children[i]));
      }
      this.parts = parts;
    }

    read(steps) {
      const open = [{ parts: [] }];
      let line = -1;
      for (const step of steps) {
        line += step + 1;
        if (this.kinds[line] === END) {
          const group = open.pop();
          group.end = line;
          group.key = `${group.line}(${group.parts.map((part) => part.key).join()})`;
        } else {
          const part = { line, key: line };
          open.at(-1).parts.push(part);
          if (this.kinds[line] === GROUP) open.push(Object.assign(part, { parts: [] }));
        }
      }
      return open[0].parts;
    }

    source({ line, parts, end }) {
      return this.lines[line] + (parts ? parts.map((part) => this.source(part)).join("") + this.lines[end] : "");
    }

    tie(part, node) {
      part.node = node;
      part.parts?.forEach((inner, i) => this.tie(inner, node.children[i]));
    }

    /** Turn the old parts of a parent into the new ones, keeping what is equal and mending what is alike. */
    change(parent, old, parts) {
      let i = 0, j = 0;
      const before = new Set(old.map((part) => part.key)), after = new Set(parts.map((part) => part.key));
      while (i < old.length || j < parts.length) {
        const a = old[i], b = parts[j];
        if (a && b && a.key === b.key) {
          Object.assign(b, { node: a.node, parts: a.parts });
          i++, j++;
        } else if (!a || (b && after.has(a.key) && !before.has(b.key))) {
          this.tie(b, parent.insertBefore(made(this.source(b)), a?.node ?? null));
          j++;
        } else if (!b || (before.has(b.key) && !after.has(a.key))) {
          a.node.remove();
          i++;
        } else {
          this.mend(a, b);
          i++, j++;
        }
      }
    }

    /** Turn one element into another: its attributes and what is in it, or all of it. */
    mend({ node, parts }, part) {
      const wanted = made(this.lines[part.line] + (part.parts ? this.lines[part.end] : ""));
      if (node.tagName !== wanted.tagName || !parts !== !part.parts) {
        this.tie(part, made(this.source(part)));
        return node.replaceWith(part.node);
      }
      part.node = node;
      for (const { name, value } of wanted.attributes) {
        if (node.getAttribute(name) !== value) node.setAttribute(name, value);
      }
      for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
      if (parts) this.change(node, parts, part.parts);
      else write(node, wanted.textContent);
    }
  }

  // ---- Figures ----

  class Explorer {
    constructor(figure) {
      this.figure = figure;
      this.name = figure.dataset.explorer;
      this.stage = figure.querySelector(".explorer-picture");
      this.svg = figure.querySelector("svg");
      this.frame = figure.querySelector(".explorer-frame");
      this.numbers = figure.querySelectorAll(".explorer-numbers dd");
      this.status = figure.querySelector(".explorer-status");
      this.note = figure.querySelector(".explorer-note");
      this.controls = [...figure.querySelectorAll("[data-values]")].map((e) => new Control(e, () => this.moved()));
      figure.querySelector(".explorer-reset").addEventListener("click", () => this.reset());
      this.playButton = figure.querySelector(".explorer-play");
      this.playButton?.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
      this.restore();
    }

    // ---- Loading ----

    load() {
      this.loading ??= this.fetch().catch((error) => this.fail(error.message))
        .finally(() => this.stage.removeAttribute("aria-busy"));
    }

    async fetch() {
      if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old to unpack its frames");
      const address = new URL(this.figure.dataset.asset, location.href);
      if (this.waits) address.searchParams.set("again", Date.now()); // not what the browser remembers
      await run(address);
      const packed = window.mmlExplorers[this.name];
      delete window.mmlExplorers[this.name];
      if (packed === LATER) return this.wait();
      this.content = await unpack(packed);
      if (this.content.handles) this.handle = new Handle(this, this.figure.dataset.moves.split(" "));
      this.picture = new Picture(this.frame, this.content.lines);
      this.figure.classList.remove("explorer-waits");
      this.paint();
      if (this.pausing) this.settle();
      this.figure.dataset.ready = "";
    }

    /** The book is still being built: say so once a control is moved, and look again at the next move. */
    wait() {
      this.waits = true;
      this.loading = undefined;
      if (!this.asked) return;
      for (const control of this.controls) control.index = control.start; // as the picture stands
      this.figure.classList.add("explorer-waits");
      this.note.textContent = this.status.textContent = WAIT;
    }

    fail(reason) {
      this.figure.classList.add("explorer-still");
      this.note.textContent = `This figure stands still at its start, because ${reason}.`;
    }

    // ---- Showing a position ----

    /** Number of the frame at the given positions; the last control runs fastest. */
    at(indices) {
      return this.controls.reduce((n, control, j) => n * control.values.length + indices[j], 0);
    }

    get indices() { return this.controls.map((control) => control.index); }

    /** Ask for a new picture in the next animation frame, however many moves come before it. */
    moved() {
      this.ask();
      this.request ??= requestAnimationFrame(() => this.paint());
      clearTimeout(this.pausing);
      this.pausing = setTimeout(() => this.settle(), PAUSE);
    }

    /** A position is wanted: until its frames are there, say that they are coming. */
    ask() {
      this.asked = true;
      this.load();
      if (this.content) return;
      this.stage.setAttribute("aria-busy", "true");
      write(this.status, "The picture is loading.");
    }

    paint() {
      this.request = undefined;
      for (const control of this.controls) control.write();
      if (!this.content) return;
      const { frames, readouts, handles } = this.content;
      const number = this.at(this.indices);
      this.picture.show(frames[number]);
      readouts[number].forEach((text, i) => write(this.numbers[i], text));
      if (handles) this.handle.place(handles[number]);
    }

    /** The reader pauses: speak the numbers, and let the address lead back here. */
    settle() {
      if (this.timer || !this.content) return;
      const names = this.figure.querySelectorAll(".explorer-numbers dt");
      const said = [...names].map((name, i) => `${name.textContent}: ${this.numbers[i].textContent}`);
      this.status.textContent = said.filter((text, i) => text !== this.said?.[i]).join(", ") || "No number changes.";
      this.said = said;
      const address = new URL(location.href);
      for (const control of this.controls) {
        const key = `${this.name}.${control.name}`;
        if (control.index === control.start) address.searchParams.delete(key);
        else address.searchParams.set(key, control.values[control.index]);
      }
      const isMoved = this.controls.some((control) => control.index !== control.start);
      // Whoever follows the address of a moved figure comes to it.
      if (isMoved || address.hash === `#${this.figure.id}`) address.hash = isMoved ? this.figure.id : "";
      this.remember(address);
    }

    remember(address) {
      try { history.replaceState(history.state, "", address); } catch { /* a page opened from a file may keep its own */ }
    }

    /** Go where the address says, if it names values that exist. */
    restore() {
      const wanted = new URLSearchParams(location.search);
      for (const control of this.controls) {
        const index = control.values.indexOf(wanted.get(`${this.name}.${control.name}`));
        if (index < 0 || index === control.index) continue;
        control.index = index;
        this.ask();
      }
      if (this.asked && !location.hash) this.remember(`#${this.figure.id}`); // the page goes there once it is shown
    }

    // ---- Buttons ----

    reset() {
      this.pause();
      for (const control of this.controls) control.index = control.start;
      this.moved();
    }

    play() {
      const control = this.controls.find(({ name }) => name === this.playButton.dataset.moves);
      const last = control.values.length - 1;
      control.index = control.index === last ? 0 : control.index + 1;
      this.playButton.textContent = "Pause";
      this.timer = setInterval(() => {
        if (control.index === last) return this.pause();
        control.index += 1;
        this.moved();
      }, BEAT);
      this.moved();
    }

    pause() {
      if (!this.timer) return;
      clearInterval(this.timer);
      this.timer = undefined;
      this.playButton.textContent = "Play";
      this.moved();
    }
  }

  /** A ring in the picture that the pointer drags; the sliders do the same by keyboard. */
  class Handle {
    constructor(explorer, moves) {
      this.explorer = explorer;
      this.moving = explorer.controls.map((control) => moves.includes(control.name));
      this.group = document.createElementNS(SVG, "g");
      this.group.setAttribute("class", "explorer-handle");
      this.group.setAttribute("aria-hidden", "true");
      this.group.innerHTML = '<circle class="explorer-reach" r="20"/><circle class="explorer-ring" r="8"/>' +
        '<text y="4">drag</text>';
      explorer.svg.append(this.group);
      this.group.addEventListener("pointerdown", (event) => this.take(event));
      this.group.addEventListener("pointermove", (event) => this.drag(event));
      for (const end of ["pointerup", "pointercancel"]) this.group.addEventListener(end, () => this.drop());
    }

    place(place) {
      if (place.join() === this.at) return;
      this.at = place.join();
      const [x, y] = place;
      this.group.setAttribute("transform", `translate(${x} ${y})`);
      const outside = x < 65 ? 1 : -1; // the word stands on the left unless that is beyond the rim
      this.group.lastChild.setAttribute("x", 13 * outside);
      this.group.lastChild.setAttribute("text-anchor", outside < 0 ? "end" : "start");
    }

    take(event) {
      if (event.button !== 0) return;
      event.preventDefault();
      this.explorer.pause();
      this.group.setPointerCapture(event.pointerId);
      this.group.classList.add("explorer-taken");
      this.group.lastChild.textContent = ""; // the reader knows
      this.places = this.reachable();
    }

    drop() {
      this.places = undefined;
      this.group.classList.remove("explorer-taken");
    }

    /** Every position that differs from the present one only in the controls that the handle moves. */
    reachable() {
      const { controls, content, indices } = this.explorer;
      let found = [[]];
      controls.forEach((control, j) => {
        const choices = this.moving[j] ? control.values.map((_, i) => i) : [indices[j]];
        found = found.flatMap((head) => choices.map((i) => [...head, i]));
      });
      return found.map((position) => ({ position, place: content.handles[this.explorer.at(position)] }));
    }

    drag(event) {
      if (!this.places) return;
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.explorer.svg.getScreenCTM().inverse());
      const far = ({ place }) => (place[0] - x) ** 2 + (place[1] - y) ** 2;
      const nearest = this.places.reduce((a, b) => (far(b) < far(a) ? b : a));
      const { controls, indices } = this.explorer;
      if (nearest.position.every((index, j) => index === indices[j])) return;
      nearest.position.forEach((index, j) => (controls[j].index = index));
      this.explorer.moved();
    }
  }

  const explorers = new Map();
  const near = new IntersectionObserver((entries) => {
    for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) {
      near.unobserve(target);
      explorers.get(target).load();
    }
  }, { rootMargin: "50% 0px" });
  for (const figure of document.querySelectorAll(".mml-explorer")) {
    explorers.set(figure, new Explorer(figure));
    near.observe(figure);
  }
})();
