/** @import { Document, ReviewQueueQuery, Sangkien } from '../index.js' */
/** @typedef {ReviewQueueQuery['initiatives']['nodes'][number]} Row */

import { EventsEnd, FollowEvents, ReviewQueue } from '../index.js';

/** @typedef {{ code: string }} Coded */

/** @type {Document<{ initiative: (Row & { path: Coded & { ancestors: Coded[] } }) | null }, { id: string }>} */
const ONE = `query ($id: ID!) {
  initiative(id: $id) {
    id version title summary kind field status
    unit { id code name ancestors { id name } }
    path: unit { id code ancestors { id code } }
    authors { name group personCode }
    appliedOn recognisedBy benefitVnd submittedAt viewerMay
  }
}`;

/**
 * The queue of a subtree, kept by events: each reviewer sees at once what others decided and what came in. `draw` gets all
 * rows, the oldest first. Goes on until the client is closed; CURSOR_EXPIRED, as after a restored backup, begins anew.
 * @param {Sangkien} sangkien
 * @param {string} code of the unit
 * @param {(rows: Row[]) => void} draw
 */
export async function reviewQueue(sangkien, code, draw) {
  for (;;) {
    // The position first: what changes while the pages are read comes as an event.
    const { initiativeEvents } = await sangkien.ask(EventsEnd, {});
    /** @type {Map<string, Row>} */
    const rows = new Map();
    for await (const { nodes } of sangkien.pages(ReviewQueue, { within: { code } })) {
      for (const row of nodes) rows.set(row.id, row);
    }
    const show = () => draw([...rows.values()].sort((one, other) => one.submittedAt < other.submittedAt ? -1 : 1));
    show();
    try {
      const after = initiativeEvents.pageInfo.endCursor;
      for await (const { initiativeId } of sangkien.events(FollowEvents, { within: { code } }, after)) {
        const { initiative } = await sangkien.ask(ONE, { id: initiativeId });
        const path = initiative ? [initiative.path, ...initiative.path.ancestors] : [];
        const isHere = path.some((above) => above.code === code);
        if (initiative?.status === 'PENDING' && isHere) rows.set(initiativeId, initiative);
        else rows.delete(initiativeId);
        show();
      }
      return;
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'CURSOR_EXPIRED') throw error;
    }
  }
}
