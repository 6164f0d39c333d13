/** @import { SubmissionFormQuery } from '../index.js' */

/**
 * The days that a form for one unit may take on the server's day, from the answer to `SubmissionForm`: whether anything may be
 * entered today, and between which days `appliedOn` lies. The browser's own day may be another one.
 * @param {SubmissionFormQuery} form
 */
export function formDays({ today, unit }) {
  // Days as texts are in order.
  const running = (unit?.periods ?? []).filter(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn);
  const programme = running.find(({ kind }) => kind === 'PROGRAMME');
  const latest = programme?.appliedUntil ?? today;
  return {
    isOpen: running.length > 0 && unit?.closedOn === null,
    appliedFrom: programme?.appliedFrom ?? null,
    // Nothing was put to use tomorrow.
    appliedUntil: latest < today ? latest : today,
  };
}
