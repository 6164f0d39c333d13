/** @import { Document, Sangkien } from '../index.js' */
/** @typedef {{ id: string, code: string, tally: { id: string, submitted: number, accepted: number } }} Counted */

/** @type {Document<{ unit: (Counted & { ancestors: Counted[] }) | null }, { code: string }>} */
const PATH = `query ($code: String!) {
  unit(ref: { code: $code }) { ...Counted ancestors { ...Counted } }
}
fragment Counted on Unit { id code tally { id submitted accepted } }`;

/**
 * The counts of a unit and of all units above it, the root first, as they are after a change: `mark` is that of the
 * change's answer, so that the counts show it whichever server answers.
 * @param {Sangkien} sangkien
 * @param {string} code
 * @param {string | null} mark
 */
export async function wholePath(sangkien, code, mark) {
  const { data } = await sangkien.execute(PATH, { code }, mark);
  return data.unit ? [...data.unit.ancestors, data.unit] : [];
}
