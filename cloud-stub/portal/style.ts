/** WCAG 2.2 relative luminance of #rrggbb. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, 1.4.3). */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** Whichever can be read better on `colour`: one of the two always reaches 4.5. */
export const textOn = (colour: string): string =>
  contrast(colour, '#ffffff') >= contrast(colour, '#000000') ? '#ffffff' : '#000000';

/** A file of its own: the page's policy allows no style in it. */
export const styleSheet = (accent: string): string => `:root {
  color-scheme: light dark;
  --accent: ${accent}; --on-accent: ${textOn(accent)};
  --page: #eef1f5; --card: #ffffff; --text: #1b2430; --soft: #55606e; --line: #8a94a1; --bad: #b3261e;
  --bad-page: #fdecea; --link: #0b4fb3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #1a212b; --text: #eef2f7; --soft: #b3bdc9; --line: #77828f; --bad: #ffb4ab;
    --bad-page: #3a1a18; --link: #9cc4ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 1.5rem 1rem 3rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  max-width: 28rem; margin: 0 auto; background: var(--card); border-radius: 1rem; overflow: hidden;
  box-shadow: 0 1px 2px rgb(0 0 0 / .12), 0 8px 28px rgb(0 0 0 / .10); overflow-wrap: anywhere;
}
header { background: var(--accent); color: var(--on-accent); padding: 1.5rem; }
header p { margin: 0 0 .25rem; font-size: .9rem; display: flex; align-items: center; gap: .5rem; }
header svg { flex: none; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.05rem; margin: 0 0 .4rem; }
.body { padding: 1.5rem; }
.body > section, form { margin: 0 0 1.25rem; }
.body > :last-child { margin-bottom: 0; }
p { margin: 0 0 .75rem; }
details { margin: 0 0 1.25rem; border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; }
summary { cursor: pointer; font-weight: 600; }
details p:first-of-type { margin-top: .75rem; }
label { display: block; font-weight: 600; margin: 0 0 .3rem; }
label span { font-weight: 400; color: var(--soft); }
input[type=text], input[type=email], input[type=tel] {
  width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; padding: .65rem .8rem; min-height: 2.9rem;
}
.field { margin: 0 0 1rem; }
.field .why { color: var(--bad); margin: .3rem 0 0; font-size: .92rem; }
input[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
button, .button {
  display: block; width: 100%; font: inherit; font-weight: 600; text-align: center; text-decoration: none;
  border-radius: .6rem; padding: .75rem 1rem; min-height: 3rem; cursor: pointer; margin: 0 0 .6rem;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent);
}
button.plain, .button.plain { background: transparent; color: var(--text); border-color: var(--line); }
button.danger { background: transparent; color: var(--bad); border-color: var(--bad); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.problems { background: var(--bad-page); color: var(--bad); border-radius: .6rem; padding: .8rem 1rem; margin: 0 0 1.25rem; }
.problems h2 { margin: 0; }
.problems ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.problems a { color: inherit; }
dl { margin: 0 0 1rem; display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .25rem 1rem; }
dt { color: var(--soft); }
dd { margin: 0; }
nav { max-width: 28rem; margin: 1rem auto 0; text-align: center; }
nav a { display: inline-block; padding: .35rem .6rem; color: var(--link); }
nav a[aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
`;
