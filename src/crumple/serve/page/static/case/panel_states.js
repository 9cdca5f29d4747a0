// What the map says of each panel: the rules of crumple.case.panel_map.states, for an inspection that changes under
// the reviewer's hands. tests/serve/browser compares the two.

import { panelOf, panelStates } from "../shared/words.js";
import { isDoubtful, isListed } from "./damage_words.js";

/** The panels as the map has them: {shape, label, title, state, numbers, text}; `damages` have their numbers. */
export function mapped(panels, damages) {
  return panels.map((panel) => {
    const here = damages.filter((damage) => panel.damages.includes(damage.id));
    const [listed, doubtful] = [here.filter(isListed), here.filter(isDoubtful)];
    const state = stateOf(panel, listed.length > 0);
    const told = (words, some) => (some.length ? `; ${words}${some.map((one) => `${one.number} ${one.title}`).join(", ")}` : "");
    return {
      shape: panelOf(panel.label) ?? panel.label,
      label: panel.label,
      title: panel.title,
      state,
      numbers: listed.map((damage) => damage.number),
      text: `${panel.title}: ${panelStates()[state]}${told("", listed)}${told("doubtful: ", doubtful)}`,
    };
  });
}

function stateOf(panel, hasDamage) {
  if (panel.damaged === "yes") return "damaged";
  if (hasDamage) return "unclear";
  if (panel.seen === "not_seen") return "not_seen";
  if (panel.damaged === "no") return "no_damage";
  return panel.seen === "partly" ? "partly" : "unclear";
}

/** Numbers of damages for so many characters: "1 2", or "1 +3" where they are too many. */
export function numbersIn(numbers, room) {
  const whole = numbers.join(" ");
  if (whole.length <= room) return whole;
  for (let shown = numbers.length - 1; shown > 0; shown--) {
    const short = `${numbers.slice(0, shown).join(" ")} +${numbers.length - shown}`;
    if (short.length <= room) return short;
  }
  return numbers.length > 1 ? `+${numbers.length}` : whole;
}
