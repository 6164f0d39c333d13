// How long ago something was. The steady clock may stand still while the computer sleeps, the other may be set: the
// longer of the two is taken, so that nothing looks newer than it is.

/** A moment, so many milliseconds ago. */
export const moment = (ago = 0) => ({ steady: performance.now() - ago, set: Date.now() - ago });

/** In milliseconds. */
export const elapsed = ({ steady, set }) => Math.max(performance.now() - steady, Date.now() - set);
