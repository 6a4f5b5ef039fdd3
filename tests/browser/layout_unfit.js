// Lists what the page is too narrow for: text and controls that are cut off, words that are broken to fit, and tabs that
// stand alone.
() => {
    const found = [];
    const wide = document.documentElement.clientWidth;
    const page = document.documentElement.scrollWidth - wide;
    if (page > 0) found.push(`page: ${page} px too wide`);

    const shows = (element) => element.checkVisibility({checkVisibilityCSS: true}) &&
        !element.closest(".unseen, .skip");
    const quote = (text) => text.trim().slice(0, 40);
    const name = (element) => {
        const {type, value} = element;
        const shown = value === undefined ? element.getAttribute("class") : `${type}: ${value}`;
        return `${element.tagName.toLowerCase()} (${shown ?? quote(element.textContent)})`;
    };
    const insets = (clip) => {
        const given = /^inset\(([^)]+)\)$/.exec(clip)?.[1].split(" ").map(parseFloat) ?? [0];
        const [top, right = top, bottom = top, left = right] = given;
        return {left, right};
    };
    // What an element is cut off by: itself and those around it, up to a box that scrolls sideways.
    const cutters = new Map([[document.body, {edges: [], scrolls: false}]]);
    const cutBy = (element) => {
        if (cutters.has(element)) return cutters.get(element);
        const {overflowX, overflowY, clipPath, position} = getComputedStyle(element);
        const scrolls = /auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1;
        const outer = scrolls ? {edges: [], scrolls} : cutBy(element.parentElement);
        const own = [];
        const {left, right, top, bottom} = element.getBoundingClientRect();
        const by = insets(clipPath);
        if (!scrolls && (overflowX !== "visible" || clipPath.startsWith("inset")))
            own.push({element, left: left + by.left - 1, right: right - by.right + 1, top: -1e9, bottom: 1e9});
        if (/hidden|clip/.test(overflowY))
            own.push({element, left: -1e9, right: 1e9, top: top - 4, bottom: bottom + 4});
        const edges = position === "fixed" ? own : [...own, ...outer.edges];
        cutters.set(element, {edges, scrolls: outer.scrolls});
        return cutters.get(element);
    };
    const outside = (box, element) => {
        const {edges, scrolls} = cutBy(element);
        const cutter = edges.find(({left, right, top, bottom}) =>
            box.left < left || box.right > right || box.top < top || box.bottom > bottom);
        if (cutter) return name(cutter.element);
        return !scrolls && (box.left < -1 || box.right > wide + 1) ? "the page" : null;
    };

    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
        const text = walker.currentNode;
        const parent = text.parentElement;
        if (text.data.trim() === "" || parent.closest("script, style, noscript, option, textarea") || !shows(parent)) continue;
        range.selectNodeContents(text);
        const lines = [...range.getClientRects()];
        for (const line of lines) {
            const by = outside(line, parent);
            if (by === null) continue;
            found.push(`"${quote(text.data)}" is cut by ${by}`);
            break;
        }
        const box = parent.closest("button, a, [role=tab], .chip, summary")?.getBoundingClientRect();
        if (box && lines.some((line) => line.left < box.left - 1 || line.right > box.right + 1))
            found.push(`"${quote(text.data)}" sticks out of its control`);
        if (lines.length < 2 || parent.closest("[translate=no], code, pre, [href^='#schema']")) continue;
        for (const word of text.data.matchAll(/(?<!\S)["'(]?[\p{L}\p{N}]{2,14}[)"'.,:;!?]?(?!\S)/gu)) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const parts = [...range.getClientRects()].filter(({width}) => width > 0);
            const long = parts.reduce((sum, {width}) => sum + width, 0);
            const tops = new Set(parts.map(({top}) => Math.round(top)));
            if (tops.size > 1 && long < wide / 2) found.push(`"${word[0]}" of "${quote(text.data)}" is broken in ${name(parent)}`);
        }
    }

    for (const element of document.querySelectorAll("body *")) {
        if (!shows(element)) continue;
        const isField = element.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea, select, button, img, svg, canvas");
        const style = getComputedStyle(element);
        if (isField && outside(element.getBoundingClientRect(), element.parentElement) !== null)
            found.push(`${name(element)} is cut`);
        if (element.matches("pre, pre *, svg *, [type=file], [role=group][tabindex='0']") || element.clientWidth === 0 || style.display === "inline") continue;
        if (element.scrollWidth > element.clientWidth + 1 && (style.overflowX !== "visible" || element.matches("input")))
            found.push(`${name(element)} hides ${element.scrollWidth - element.clientWidth} px of its width`);
    }
    for (const bar of document.querySelectorAll(".tabs")) {
        const lines = Map.groupBy(bar.children, (tab) => Math.round(tab.getBoundingClientRect().top));
        const counts = [...lines.values()].map(({length}) => length);
        if (Math.min(...counts) === 1 && Math.max(...counts) > 2)
            found.push(`${name(bar)} leaves a tab alone on its line`);
    }
    return found;
}
