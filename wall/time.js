// How long ago something was. The steady clock may stand still while the computer sleeps, the other may be set: the
// longer of the two is taken, so that nothing looks newer than it is.

export const moment = () => ({ steady: performance.now(), set: Date.now() });

/** In milliseconds. */
export const elapsed = ({ steady, set }) => Math.max(performance.now() - steady, Date.now() - set);
