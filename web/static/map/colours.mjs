// Declared colours in the present theme, for legends and for what overlays draw.
import { palette } from './setup.mjs';

/** A declared colour as this theme shows it. */
export const inTheme = (colour) => palette().recolour[colour] ?? colour;

/** The MapLibre expression that colours `field` as a legend says; its last entry is the rest. */
export function expression(field, legend) {
  const pairs = legend.filter(({ value }) => value !== undefined)
    .flatMap(({ value, colour }) => [value, inTheme(colour)]);
  return ['match', ['get', field], ...pairs, inTheme(legend.at(-1).colour)];
}
