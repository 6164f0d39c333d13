"""A partner's copy of the initiatives of one unit and all below it, in an SQLite file.

    python3 partner.py nightly COPY.db --url https://board.example --unit CODE
    python3 partner.py minute COPY.db --url https://board.example --unit CODE
    python3 partner.py verify COPY.db --url https://board.example --unit CODE

`nightly` takes what changed since the last run, by pages. `minute` takes every step since the last run, by events. One copy is
kept by one of the two. Each run may be cut off anywhere: the next one goes on where the copy stands. `verify` compares the copy
with the server, and ends with exit code 1 on a difference. A server that cannot be asked, or refuses, ends each with exit code 2 and one line. SANGKIEN_TOKEN holds a token of the role PARTNER over the unit.
"""

import argparse
import os
import sqlite3
import sys

from sangkien import FAULTS, Refused, Sangkien

ROW = "id version status title kind field appliedOn benefitVnd submittedAt unit { id code }"

CHANGED = """query Changed($within: UnitRef!, $changedSince: String, $after: String) {
  initiatives(
    filter: { within: $within, changedSince: $changedSince }
    orderBy: { field: SUBMITTED_AT, direction: ASC }
    first: 500
    after: $after
  ) { pageInfo { hasNextPage endCursor } nodes { %s } }
}""" % ROW

EVENTS_END = "query EventsEnd { initiativeEvents(first: 0) { pageInfo { endCursor } } }"

EVENTS = """query Events($within: UnitRef!, $after: String) {
  initiativeEvents(within: $within, after: $after, first: 500) {
    pageInfo { hasNextPage endCursor }
    nodes { kind initiativeId unit { id code ancestors { id code } } initiative { %s } }
  }
}""" % ROW

COUNTS = """query Counts($within: UnitRef!) {
  pending: initiatives(filter: { within: $within, statuses: [PENDING] }, first: 0) { totalCount }
  accepted: initiatives(filter: { within: $within, statuses: [ACCEPTED] }, first: 0) { totalCount }
  rejected: initiatives(filter: { within: $within, statuses: [REJECTED] }, first: 0) { totalCount }
  returned: initiatives(filter: { within: $within, statuses: [RETURNED] }, first: 0) { totalCount }
  withdrawn: initiatives(filter: { within: $within, statuses: [WITHDRAWN] }, first: 0) { totalCount }
}"""

TABLES = """
CREATE TABLE IF NOT EXISTS initiatives (
  id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
  field TEXT, applied_on TEXT, benefit_vnd INTEGER, submitted_at TEXT NOT NULL,
  unit_id TEXT NOT NULL -- the code of a unit may be corrected, its id stays
);
CREATE TABLE IF NOT EXISTS positions (name TEXT PRIMARY KEY, position TEXT NOT NULL);
"""


class Copy:
    """The copy and its position, which change together: a run that is cut off leaves both or neither."""

    def __init__(self, path):
        self.database = sqlite3.connect(path)
        self.database.executescript(TABLES)

    def position(self, name):
        row = self.database.execute("SELECT position FROM positions WHERE name = ?", [name]).fetchone()
        return row and row[0]

    def keep(self, rows, gone=(), **positions):
        with self.database:
            self.database.executemany(
                "INSERT OR REPLACE INTO initiatives VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        row["id"], row["version"], row["status"], row["title"], row["kind"], row["field"],
                        row["appliedOn"], row["benefitVnd"], row["submittedAt"], row["unit"]["id"],
                    )
                    for row in rows
                ],
            )
            self.database.executemany("DELETE FROM initiatives WHERE id = ?", [[id] for id in gone])
            self.database.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items())

    def forget(self):
        with self.database:
            self.database.execute("DELETE FROM initiatives")
            self.database.execute("DELETE FROM positions")

    def counts(self):
        return dict(self.database.execute("SELECT lower(status), count(*) FROM initiatives GROUP BY status"))


def nightly(server, copy, unit):
    """Takes what changed since the last run; everything in the first one. Returns the number of rows."""
    taken = changed(server, copy, unit)
    # Pages do not tell of an initiative that was transferred to a unit elsewhere: the numbers do. They also differ for
    # what changed a moment ago, which another run takes.
    if verify(server, copy, unit):
        taken += changed(server, copy, unit)
        if verify(server, copy, unit):
            copy.forget()
            taken += changed(server, copy, unit)
    return taken


def changed(server, copy, unit):
    """One run over the pages of what changed since the mark."""
    mark = copy.position("mark")
    if mark is None:
        copy.forget()
    variables = {"within": {"code": unit}, "changedSince": mark}
    taken = 0
    # The mark of the first page: what changes while pages are read is in the next run, too.
    for rows, _, mark in server.pages(CHANGED, variables):
        copy.keep(rows)
        taken += len(rows)
    # Once all pages are there, so that a run that was cut off is done again.
    copy.keep([], mark=mark)
    return taken


def minute(server, copy, unit):
    """Takes every step since the last run; everything in the first one. Returns the number of steps."""
    cursor = copy.position("cursor")
    if cursor is None:
        copy.forget()
        # The position first: what changes while pages are read comes as an event, too.
        data, _ = server.ask(EVENTS_END)
        cursor = data["initiativeEvents"]["pageInfo"]["endCursor"]
        for rows, _, _ in server.pages(CHANGED, {"within": {"code": unit}}):
            copy.keep(rows)
        copy.keep([], cursor=cursor)
    steps = 0
    for events, end, _ in server.pages(EVENTS, {"within": {"code": unit}, "after": cursor}):
        rows, gone = {}, set()
        for event in events:
            # An initiative that was transferred to a unit elsewhere is not of this copy any more.
            path = [event["unit"], *event["unit"]["ancestors"]]
            if event["initiative"] and any(above["code"] == unit for above in path):
                rows[event["initiativeId"]] = event["initiative"]
                gone.discard(event["initiativeId"])
            else:
                rows.pop(event["initiativeId"], None)
                gone.add(event["initiativeId"])
        copy.keep(rows.values(), gone, cursor=end)
        steps += len(events)
    return steps


def verify(server, copy, unit):
    """Compares the numbers of each status. Returns the statuses that differ, each with both numbers. Raises `Refused`."""
    data, _ = server.ask(COUNTS, {"within": {"code": unit}}, at_least=copy.position("mark") or copy.position("cursor"))
    there = {status: connection["totalCount"] for status, connection in data.items()}
    here = copy.counts()
    both = {status: (here.get(status, 0), there.get(status, 0)) for status in {*here, *there}}
    return {status: numbers for status, numbers in sorted(both.items()) if numbers[0] != numbers[1]}


def told(server, copy, unit):
    """Verifies, and says how the copy differs. Returns the exit code."""
    try:
        differences = verify(server, copy, unit)
    except Refused as refused:
        if refused.code != "CURSOR_EXPIRED":
            raise
        print("the server's log is another one than the copy's: the next run copies everything anew")
        return 1
    for status, (here, there) in differences.items():
        print(f"{status}: {here} in the copy, {there} at the server")
    print(f"{len(differences)} differences")
    return 1 if differences else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["nightly", "minute", "verify"])
    parser.add_argument("copy")
    parser.add_argument("--url", required=True)
    parser.add_argument("--unit", required=True)
    given = parser.parse_args()
    server = Sangkien(given.url, os.environ.get("SANGKIEN_TOKEN"))
    copy = Copy(given.copy)
    if given.task == "verify":
        return told(server, copy, given.unit)
    run = nightly if given.task == "nightly" else minute
    try:
        taken = run(server, copy, given.unit)
    except Refused as refused:
        # The log is another one, as after a restored backup: what the copy holds may never have been.
        if refused.code != "CURSOR_EXPIRED":
            raise
        print("the server's log is another one: copying everything anew")
        copy.forget()
        taken = run(server, copy, given.unit)
    print(f"{taken} taken")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, *FAULTS) as error:
        print(f"not taken: {error}", file=sys.stderr)
        sys.exit(2)
