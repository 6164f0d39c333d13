"""A client of Sangkien for Python 3.9 or newer, with nothing but the standard library."""

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException

# Errors of the network: no connection, a proxy's own page, an answer that was cut off. They pass, too.
FAULTS = (OSError, HTTPException, json.JSONDecodeError)
# Refusals that pass by themselves: the server is busy, away, or asks for patience.
PASSING = ("RATE_LIMITED", "UNAVAILABLE")
ATTEMPTS = 8
WAIT_MAX_S = 60


class Refused(Exception):
    """The server's errors. `code` is that of the first one, as docs/ERRORS.md lists it."""

    def __init__(self, errors):
        super().__init__(errors[0]["message"])
        self.extensions = errors[0].get("extensions", {})
        self.code = self.extensions.get("code")


class Sangkien:
    """One server. `url` is as https://board.example, `token` a token (mã truy cập) of the role PARTNER."""

    def __init__(self, url, token=None, timeout=60):
        self.endpoint = url.rstrip("/") + "/graphql"
        self.token = token
        self.timeout = timeout

    def ask(self, query, variables=None, at_least=None):
        """The data and the extensions of one query.

        `at_least` is the mark of a moment that the answer must show. A refusal that passes by itself is tried again; a query may
        always be sent again. Raises `Refused`, or one of `FAULTS` once all attempts have failed.
        """
        body = {"query": query, "variables": variables or {}}
        if at_least:
            body["extensions"] = {"minVersion": at_least}
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(2**attempt, WAIT_MAX_S)
            try:
                answer = self._send(body)
            except FAULTS:
                if attempt == ATTEMPTS:
                    raise
            else:
                if "errors" not in answer:
                    return answer["data"], answer["extensions"]
                refused = Refused(answer["errors"])
                if refused.code not in PASSING or attempt == ATTEMPTS:
                    raise refused
                wait = refused.extensions.get("retryAfter", wait)
            time.sleep(wait)

    def pages(self, query, variables):
        """The pages of the one list that a query asks for: rows, end cursor, and the mark of the run's first page."""
        mark = None
        while True:
            data, extensions = self.ask(query, variables)
            mark = mark or extensions["mark"]
            (page,) = data.values()
            yield page["nodes"], page["pageInfo"]["endCursor"], mark
            if not page["pageInfo"]["hasNextPage"]:
                return
            variables = {**variables, "after": page["pageInfo"]["endCursor"]}

    def _send(self, body):
        request = urllib.request.Request(self.endpoint, json.dumps(body).encode(), self._headers())
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            # A refusal has a body of the same form.
            if "json" not in error.headers.get("Content-Type", ""):
                raise
            return json.load(error)

    def _headers(self):
        headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers
