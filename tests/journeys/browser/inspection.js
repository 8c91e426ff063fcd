// What a page owes to everyone, beyond what axe can tell. Each function gives sentences: what is wrong.
(() => {
  const FOCUSABLE =
    'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';

  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    element.getClientRects().length > 0;

  const focusable = () => [...document.querySelectorAll(FOCUSABLE)].filter(shown);

  const name = (element) => {
    const words = (element.innerText || element.getAttribute("aria-label") || element.name || "")
      .trim()
      .replace(/\s+/g, " ")
      .slice(0, 40);
    return `<${element.localName} ${element.className || element.type || ""}> « ${words} »`;
  };

  const structure = () => {
    const problems = [];
    const headings = document.querySelectorAll("h1").length;
    if (headings !== 1) problems.push(`${headings} h1`);
    if (document.documentElement.lang !== "fr") problems.push("lang is not fr");
    if (!document.title.trim()) problems.push("no title");
    if (document.querySelectorAll("main").length !== 1) problems.push("not one main");
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
    if (twice.length) problems.push(`ids used twice: ${[...new Set(twice)]}`);
    return problems;
  };

  const overflow = () => {
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > page.clientWidth + 1)
      .slice(0, 3)
      .map(name);
    return [`scrolls sideways: ${page.scrollWidth} px in ${page.clientWidth}: ${wide.join(", ")}`];
  };

  // WCAG 2.5.8, without its exceptions but one: links within a line of text.
  const area = (element) => {
    const boxes = [element, ...(element.labels || [])].map((each) => each.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left));
    const right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    return [right - left, bottom - top];
  };

  const smallTargets = () =>
    focusable()
      .filter((element) => element.matches("a, button, input, select, textarea, summary"))
      .filter((element) => !element.matches(".r-skip, .s-skip, .demo-skip"))
      .filter((element) => getComputedStyle(element).display !== "inline")
      .filter((element) => Math.min(...area(element)) < 23.9)
      .map((element) => `target of ${area(element).map(Math.round).join(" × ")} px: ${name(element)}`);

  const outlines = (element) => {
    const holders = [element, element.parentElement, element.parentElement?.parentElement];
    return holders.filter(Boolean).map((holder) => {
      const style = getComputedStyle(holder);
      const width = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
      return width >= 2 ? `${style.outlineColor} ${width}` : "";
    });
  };

  const seen = (box) => {
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
    return { left, top, width: right - left, height: bottom - top };
  };

  // WCAG 2.4.11: what has the focus is not hidden by what sticks to the window.
  const covered = (element) => {
    const holder = element.closest(".r-choice") || element;
    const box = seen(holder.getBoundingClientRect());
    if (box.width <= 0 || box.height <= 0) return true;
    for (const across of [0.1, 0.5, 0.9]) {
      for (const down of [0.1, 0.5, 0.9]) {
        const hit = document.elementFromPoint(
          box.left + across * box.width,
          box.top + down * box.height,
        );
        if (hit && (holder.contains(hit) || hit.contains(holder))) return false;
      }
    }
    return true;
  };

  // To be called after a real Tab, so that the browser shows the focus of keyboards.
  const focus = () => {
    const problems = [];
    for (const element of focusable()) {
      document.activeElement.blur();
      const before = outlines(element);
      element.focus();
      if (document.activeElement !== element) {
        problems.push(`takes no focus: ${name(element)}`);
        continue;
      }
      const after = outlines(element);
      if (!after.some((outline, place) => outline && outline !== before[place])) {
        problems.push(`focus is not seen: ${name(element)}`);
      }
      if (covered(element)) problems.push(`hidden while it has the focus: ${name(element)}`);
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return problems;
  };

  return { structure, overflow, smallTargets, focus };
})()
