// The questions of the wall. The same texts and variables for the same address, and nothing of the caller in them, so that
// the server works them out once for all screens.

const RANKED = "within: $within, kinds: $kinds, cluster: $cluster, rankBy: $rankBy";
const ARGUMENTS = `${RANKED}, period: $period`;
const ROWS = "first: $first, around: $me";
const VARIABLES =
  "$within: UnitRef, $period: PeriodRef, $kinds: [UnitKind!], $cluster: String, $rankBy: RankBy!";

/**
 * The board, live, and once its period is over by the figures that were kept of it. All units of some kinds of a large tree would
 * cost more, kept as well as live, than the public may ask for.
 */
const BOARD = `subscription Wall(${VARIABLES}, $first: Int!, $me: UnitRef, $isAcross: Boolean!) {
  leaderboard(${ARGUMENTS}, ${ROWS}) {
    version since asOf rankBy
    period { code name metric startsOn endsOn }
    within { code name kind depth closedOn }
    total { pace { dayNumber days daysLeft neededPerDay projected } }
    closing { kind at endsOn leaderboard(${RANKED}, ${ROWS}) @skip(if: $isAcross) { ...Figures } }
    ...Figures
  }
}
fragment Figures on Leaderboard {
  ranked
  total { submitted accepted pending participants benefitVnd target ratio }
  sum { units notStarted met gained submitted accepted pending benefitVnd target ratio }
  own { submitted accepted benefitVnd gained }
  closed { submitted accepted pending benefitVnd gained }
  others { submitted accepted benefitVnd gained }
  entries { ...Row }
  around { ...Row }
}
fragment Row on LeaderboardEntry {
  rank previousRank value gained
  tally { submitted accepted participants target ratio }
  unit { code name ancestors @include(if: $isAcross) { name depth } }
}`;

/**
 * The answer beside the board, which may be some seconds old: with its day, period and unit, and with counts by which a feed that
 * has fallen silent is found. Days and titles are of the period that the board shows.
 */
const MORE = `query WallMore(${VARIABLES}, $counted: PeriodRef!, $isFiltered: Boolean!, $window: PeriodRef!, $hasWindow: Boolean!, $holds: Boolean!,
  $isOwn: Boolean!, $hasPlace: Boolean!, $placedBy: RankBy!, $hasNoTarget: Boolean!, $metric: RankBy!, $titles: Int!) {
  leaderboard(${ARGUMENTS}, first: 1) {
    since
    period { code }
    total { submitted accepted pending }
    within {
      code name depth
      parent { name }
      standing(period: $counted, rankBy: $placedBy) @include(if: $hasPlace) { rank of }
      byCount: standing(period: $counted, rankBy: $metric) @include(if: $hasNoTarget) { rank of }
      breakdown(by: TEAM, period: $counted) @include(if: $isOwn) { key submitted accepted }
      periods(kinds: [CAMPAIGN, PHASE, PROGRAMME]) @include(if: $holds) { code startsOn endsOn owner { depth } }
      daily(period: $counted) { day submitted accepted }
      initiatives(first: $titles, filter: { statuses: [ACCEPTED], period: $counted }, orderBy: { field: UPDATED_AT }) {
        nodes {
          id title reviewedAt
          unit { name kind cluster depth ancestors @include(if: $isFiltered) { kind cluster depth } }
        }
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

/** A grassroots union has a board of its own: its teams, and its place among its siblings. */
export const isOfOneUnion = ({ within }) => within.kind === "GRASSROOTS_UNION";

/** Whether the board is one unit's own: a grassroots union's, or of a unit that has none below it. */
export const isOwn = (board, { cluster, kinds }) =>
  cluster === null && kinds === null && (board.ranked === 0 || isOfOneUnion(board));

/** The measure by which a unit has its place among its siblings: their targets come first, as on their own board. */
export const placedBy = ({ ranksAsIsBest, rankBy }) => (ranksAsIsBest ? "TARGET_RATIO" : rankBy);

export const board = (settings) => ({
  query: BOARD,
  variables: { ...variables(settings), first: settings.first, me: ref(settings.me), isAcross: settings.kinds !== null },
});

/** So many titles are asked for; more where only those of some units are shown. */
const TITLES = 16;
const TITLES_OF_SOME = 100;

/** The question beside that board. */
export function more(settings, board) {
  const isFiltered = settings.kinds !== null || settings.cluster !== null;
  const hasPlace = isOwn(board, settings);
  return { query: MORE, variables: {
    ...variables(settings), counted: ref(board.period.code), isOwn: isOfOneUnion(board), isFiltered,
    hasPlace, placedBy: placedBy(settings), hasNoTarget: hasPlace && settings.ranksAsIsBest && board.total.target === null, metric: board.period.metric,
    titles: isFiltered ? TITLES_OF_SOME : TITLES,
    window: ref(settings.window === null ? "" : settings.window), hasWindow: settings.window !== null, holds: settings.isFollowing,
  } };
}

export const below = (unit, { period }) => ({ query: BELOW, variables: { unit: { code: unit }, period: ref(period) } });
