// A front end's program on the package. It is checked, never run. Where a line must not compile,
// `@ts-expect-error` stands above it.

import {
  AssignTargets, Board, ChangedUnits, connect, FollowEvents, MyRank, ReviewBatch, Submit, SyncEvents, SyncInitiatives,
  UnitPage, WatchTally,
} from 'sangkien-client';
import type { Document, LiveState, RowFragment, SubmitInitiativeInput, UnitPageQuery } from 'sangkien-client';
import type { Initiative, Period, Tally, UnitKind } from 'sangkien-client/schema';

const sangkien = connect('https://board.example', { language: 'vi' });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Equal<A, B> extends true ? [] : [never]) {}

// Scalars: money and versions are numbers, days and moments texts; nothing is `any`.
same<Tally['benefitVnd'], number>();
same<Tally['version'], number>();
same<Period['startsOn'], string>();
same<Initiative['submittedAt'], string>();
same<Initiative['id'], string>();
// @ts-expect-error a Long is no text
same<Tally['version'], string>();

export async function unitPage(): Promise<string[]> {
  const { unit } = await sangkien.ask(UnitPage, { unit: { code: 'ldld-dong-nai' } });
  // @ts-expect-error there may be no such unit
  unit.name;
  if (!unit) return [];
  same<typeof unit.kind, UnitKind>();
  same<typeof unit.memberCount, number | null>();
  const path: string[] = unit.ancestors.map(({ name }) => name);
  // A share only with a target.
  const percent = unit.tally.ratio === null ? '' : `${Math.round(unit.tally.ratio * 100)} %`;
  const rank = unit.standing ? `${unit.standing.rank}/${unit.standing.of}` : '';
  const curve: [string, number][] = unit.daily.map(({ day, submitted }) => [day, submitted]);
  const rows = unit.children.nodes.map((child) => `${child.name}: ${child.tally.submitted}`);
  return [...path, percent, rank, ...curve.map(String), ...rows];
}

export async function unitRefs(id: string) {
  await sangkien.ask(UnitPage, { unit: { id }, first: 50, after: null });
  // @ts-expect-error a unit is named by one of the two
  await sangkien.ask(UnitPage, { unit: { id, code: 'ldld-dong-nai' } });
  // @ts-expect-error and by one at least
  await sangkien.ask(UnitPage, { unit: {} });
  // @ts-expect-error the unit has to be named
  await sangkien.ask(UnitPage, {});
}

export async function submit(input: SubmitInitiativeInput): Promise<string> {
  const { submitInitiative } = await sangkien.ask(Submit, { input });
  const [error] = submitInitiative.errors;
  if (error?.code === 'KEY_REUSED') return 'the key belongs to another submission';
  // @ts-expect-error no such code
  if (error?.code === 'TOO_LATE') return '';
  if (error) return `${error.path.join('.')}: ${error.message}`;
  return submitInitiative.initiative?.id ?? '';
}

export const initiative: SubmitInitiativeInput = {
  key: 'a-key',
  unit: { code: 'cdcs-26383' },
  title: 'Máy rửa tay khử khuẩn tự động',
  kind: 'TECHNICAL',
  authors: [{ name: 'Nguyễn Thị Lan', group: 'PUBLIC_EMPLOYEE' }],
  appliedOn: '2022-03-01',
  benefitVnd: 36_000_000,
};

// @ts-expect-error without authors there is no initiative
export const nobodys: SubmitInitiativeInput = { key: 'b', unit: { code: 'u' }, title: 'T', kind: 'IDEA' };

export async function reviewed(ids: string[]): Promise<string[]> {
  const { reviewInitiatives } = await sangkien.ask(ReviewBatch, { input: { ids, decision: 'ACCEPT' } });
  // Null at each refused place.
  return reviewInitiatives.initiatives.flatMap((one) => (one ? [one.status] : []));
}

export async function assign(goals: [code: string, count: number][]): Promise<number[]> {
  const { setTargets } = await sangkien.ask(AssignTargets, {
    input: {
      period: { code: 'chien-dich-40-ngay' },
      goals: goals.map(([code, count]) => ({ unit: { code }, goal: { count } })),
    },
  });
  return setTargets.targets.map(({ goal }) => goal);
}

export async function changedUnits(mark: string | null): Promise<Map<string, number>> {
  const { units } = await sangkien.ask(ChangedUnits, { changedSince: mark });
  // @ts-expect-error a mark is a text
  await sangkien.ask(ChangedUnits, { changedSince: 7 });
  return new Map(units.nodes.map(({ code, tally }) => [code, tally.submitted]));
}

export async function events(after: string | null): Promise<string | null> {
  const { initiativeEvents } = await sangkien.ask(SyncEvents, { within: { code: 'tldldvn' }, after });
  for (const { kind, fromUnit } of initiativeEvents.nodes) {
    if (kind === 'TRANSFERRED' && fromUnit) console.log(fromUnit.code);
  }
  return initiativeEvents.pageInfo.endCursor;
}

export async function board(): Promise<RowFragment[]> {
  const { leaderboard } = await sangkien.ask(MyRank, { unit: { code: 'ldld-740' } });
  return leaderboard ? [...leaderboard.entries, ...leaderboard.around] : [];
}

// A subscription's state fits where the page shows it.
export type PushedTally = typeof WatchTally extends Document<infer Data, infer _> ? Data : never;
export function merged(page: NonNullable<UnitPageQuery['unit']>, { tally }: PushedTally): UnitPageQuery['unit'] {
  return { ...page, tally: { ...page.tally, ...tally } };
}

// A board that is followed, with its state; events and pages have the types of their rows.
export function live(draw: (rows: string[]) => void): () => void {
  const shown = sangkien.follow(Board, { first: 10 }, (state) => {
    // @ts-expect-error nothing came yet, perhaps
    state.data.leaderboard;
    same<typeof state.status, LiveState<unknown>['status']>();
    draw((state.data?.leaderboard?.entries ?? []).map(({ rank, unit }) => `${rank}. ${unit.name}`));
  });
  // @ts-expect-error `first` is a number
  sangkien.follow(Board, { first: 'ten' }, () => {});
  return shown.close;
}

export async function copied(keep: (id: string, cursor: string) => void): Promise<string | null> {
  let run: string | null = null;
  for await (const { nodes, mark } of sangkien.pages(SyncInitiatives, { within: { code: 'ldld-dong-nai' } })) {
    for (const { id, title } of nodes) keep(id, title);
    run = mark;
  }
  for await (const event of sangkien.events(FollowEvents, { within: { code: 'ldld-dong-nai' } })) {
    // @ts-expect-error not selected
    event.unit.name;
    keep(event.initiativeId, event.cursor);
  }
  return run;
}
