// A room's colour in tones that can be read: for text and buttons on light and on dark ground. Pure.
// Contrast as WCAG 2.2 has it (1.4.3): 4.5 to 1 for text.

type Colour = readonly [number, number, number];
/** `strong` stands on `soft`, and `ink` on the tone itself. */
export type Tone = { accent: string; strong: string; soft: string; ink: string };

const enough = 4.5;
const white: Colour = [255, 255, 255];
const black: Colour = [0, 0, 0];
/** What the tones stand on in styles/base.css and screen.css: the ground that is hardest to read on, and that of cards. */
const grounds = { light: [227, 226, 217], dark: [38, 51, 47] } as const satisfies Record<string, Colour>;
const cards = { light: white, dark: [22, 32, 29] } as const satisfies Record<string, Colour>;
const inks = { light: white, dark: [6, 20, 17] } as const satisfies Record<string, Colour>;

export function tonesOf(colour: string): { light: Tone; dark: Tone } {
  return { light: toneOn('light', readColour(colour)), dark: toneOn('dark', readColour(colour)) };
}

function toneOn(scheme: 'light' | 'dark', colour: Colour): Tone {
  const ground = grounds[scheme];
  const far = scheme === 'light' ? black : white;
  const soften = (tone: Colour) => mix(cards[scheme], tone, 0.14);
  const accent = move(colour, far, (tone) => contrast(tone, ground) >= enough && contrast(tone, soften(tone)) >= enough);
  const soft = soften(accent);
  const strong = move(mix(accent, far, 0.2), far, (tone) => contrast(tone, soft) >= enough);
  return { accent: write(accent), strong: write(strong), soft: write(soft), ink: write(inks[scheme]) };
}

/** The first tone on the way to `far` that is good. */
function move(from: Colour, far: Colour, isGood: (tone: Colour) => boolean): Colour {
  const steps = Array.from({ length: 21 }, (_, step) => mix(from, far, step / 20));
  return steps.find((tone) => isGood(tone)) ?? far;
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const [red, green, blue] = from.map((part, place) => Math.round(part + ((to[place] ?? 0) - part) * share));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

export function readColour(colour: string): Colour {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

function write(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

export function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
