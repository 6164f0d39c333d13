// What the wall asks. The same texts and variables for the same address, and nothing of the caller in them, so that
// the server works them out once for all screens.

const ARGUMENTS = "within: $within, period: $period, kinds: $kinds, cluster: $cluster, rankBy: $rankBy";
const VARIABLES =
  "$within: UnitRef, $period: PeriodRef, $kinds: [UnitKind!], $cluster: String, $rankBy: RankBy!";

/** The board, live. */
const BOARD = `subscription Wall(${VARIABLES}, $first: Int!) {
  leaderboard(${ARGUMENTS}, first: $first) {
    version since asOf rankBy ranked
    period { code name metric startsOn endsOn }
    within { code name }
    total {
      submitted accepted pending participants target ratio
      pace { dayNumber days daysLeft neededPerDay projected }
    }
    entries {
      rank previousRank value gained
      tally { submitted accepted participants target ratio }
      unit { code name }
    }
  }
}`;

/**
 * What need not be of the moment: with the day, period and unit that it is of, and with counts by which a feed that
 * has fallen silent is found.
 */
const MORE = `query WallMore(${VARIABLES}, $window: PeriodRef!, $hasWindow: Boolean!) {
  leaderboard(${ARGUMENTS}, first: 1) {
    since
    period { code }
    total { submitted accepted pending }
    within {
      code
      daily(period: $period) { day submitted accepted }
      initiatives(first: 8, filter: { statuses: [ACCEPTED], period: $period }, orderBy: { field: UPDATED_AT }) {
        nodes { id title updatedAt unit { name } }
      }
    }
  }
  window: period(ref: $window) @include(if: $hasWindow) { code name startsOn endsOn }
}`;

/** The units below one, whether they have units of their own, and whether they have begun. */
const BELOW = `query WallBelow($unit: UnitRef!, $period: PeriodRef) {
  unit(ref: $unit) { children(first: 100, filter: { closed: false }) {
    nodes { code tally(period: $period) { submitted } children(first: 1, filter: { closed: false }) { totalCount } }
  } }
}`;

const ref = (code) => (code === null ? null : { code });

function variables({ unit, period, kinds, cluster, rankBy }) {
  return { within: ref(unit), period: ref(period), kinds, cluster, rankBy };
}

export const board = (settings) => ({
  query: BOARD, variables: { ...variables(settings), first: settings.first },
});

export const more = (settings) => ({
  query: MORE,
  variables: {
    ...variables(settings), window: ref(settings.window ?? ""), hasWindow: settings.window !== null,
  },
});

export const below = (unit, { period }) => ({ query: BELOW, variables: { unit: { code: unit }, period: ref(period) } });
