// Adds up the layout shifts from the first paint on, and makes the text larger before it.
window.shift = 0;
window.moved = [];
const name = (node) => node?.tagName ? `${node.tagName.toLowerCase()}.${node.className}` : String(node?.textContent);
new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
        if (each.hadRecentInput) continue;
        window.shift += each.value;
        window.moved.push(`${each.value.toFixed(3)}: ${each.sources.map(({node}) => name(node)).join(", ")}`);
    }
}).observe({type: "layout-shift", buffered: true});
const enlarge = () => {
    if (document.documentElement) document.documentElement.style.fontSize = `${TEXT}%`;
    return document.documentElement !== null;
};
if (!enlarge()) {
    const parsing = new MutationObserver(() => enlarge() && parsing.disconnect());
    parsing.observe(document, {childList: true});
}
