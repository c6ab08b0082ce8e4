// Texts whose colour is too near to what lies behind them, after WCAG 2.2 (1.4.3).
const parts = (color) => color.match(/[\d.]+/g).map(Number);
const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const light = (color) => {
  const [r, g, b] = color.map((value) => linear(value / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const over = ([r, g, b, a = 1], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
const behind = (element) => {
  if (!element) return isDark ? [0, 0, 0] : [255, 255, 255];
  const color = parts(getComputedStyle(element).backgroundColor);
  return color[3] < 1 ? over(color, behind(element.parentElement)) : color;
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
  const look = getComputedStyle(element);
  const below = behind(element);
  const [one, two] = [light(over(parts(look.color), below)), light(below)];
  const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  const size = parseFloat(look.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && look.fontWeight >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${node.data.trim()}`);
}
return found;
