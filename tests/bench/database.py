"""PostgreSQL beside the api: its size, pgbench's bare insert rate with the api's own row, and the removal of what floods leave."""

import re
import subprocess

from running_system import ROOT, SYSTEM, Kubectl

FLOOD_MARK = "# a submission of make bench"  # the first line of every program that is only submitted, never meant to run
COPY = "bench_runs"

# The api's own row, into a copy of the table with its indexes and checks, ids ascending as ULIDs are, and places in the queue too.
INSERT = f"""
INSERT INTO {COPY} (id, not_before, created_at, source, stdin, args, wall_ms_limit, cpu_ms_limit, memory_mib,
  output_bytes_limit, scratch_mib, submitter, tag)
SELECT lpad(n::text, 26, '0'), now(), now(), :source, '', '[]', 10000, 10000, 256, 1048576, 0, 'bench', n * 10000
FROM nextval('{COPY}_id') AS n;
""".replace("\n", " ")

# Queued rows as the api writes them, for a queue as long as it may get.
TOP_UP = """
INSERT INTO runs (id, not_before, created_at, source, stdin, args, wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib,
  submitter, tag)
SELECT '7' || lpad(n::text, 25, '0'), now(), now(), :'source', '', '[]', 10000, 10000, 256, 1048576, 0, 'bench', virtual_time + n * 10000
FROM generate_series(1, :count) AS n, queue_clock
ON CONFLICT DO NOTHING
"""


class Database:
    def __init__(self, kubectl: Kubectl):
        self.kubectl = kubectl
        engine = subprocess.run([ROOT / "scripts" / "container-engine"], capture_output=True, text=True, check=True)
        self.is_local = engine.stdout.strip() == "embedded"

    def command(self, program: str, *arguments: str) -> list[str]:
        """`program` on this machine, or inside PostgreSQL's pod where Kubernetes runs it."""
        if not self.is_local:
            within = [self.kubectl.program, "-n", SYSTEM, "exec", "-i", "statefulset/postgres", "--", program, "-U", "oneshot"]
            return [*within, *arguments, "oneshot"]
        url = subprocess.run([ROOT / "scripts" / "postgres", "url"], capture_output=True, text=True, check=True).stdout.strip()
        return [program, *arguments, url]

    def run(self, command: list[str], stdin: str) -> str:
        done = subprocess.run(command, input=stdin, env=self.kubectl.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout

    def sql(self, statement: str, **variables: str) -> str:
        settings = [word for name, value in variables.items() for word in ("--set", f"{name}={value}")]
        return self.run(self.command("psql", "-XqAt", "--set", "ON_ERROR_STOP=1", *settings), statement).strip()

    def size_bytes(self) -> int:
        return int(self.sql("SELECT pg_database_size(current_database())"))

    def row_bytes(self, first_id: str, last_id: str) -> int:
        """Of the rows of these runs, as they are stored, without indexes and page headers: exact where the size is not."""
        tables = {"runs": "id", "attempts": "run_id", "output_chunks": "run_id"}
        sums = [
            f"(SELECT coalesce(sum(pg_column_size(each.*)), 0) FROM {table} each WHERE {key} BETWEEN :'first' AND :'last')"
            for table, key in tables.items()
        ]
        return int(self.sql("SELECT " + " + ".join(sums), first=first_id, last=last_id))

    def count_queued(self) -> int:
        return int(self.sql("SELECT count(*) FROM runs WHERE status = 'queued'"))

    def fill_queue_to(self, count: int, source: str) -> int:
        missing = count - self.count_queued()
        if missing > 0:
            self.sql(TOP_UP, source=source, count=str(missing))
        return self.count_queued()

    def remove_flood(self) -> int:
        """Deletes submissions of ours that nothing has claimed yet; returns how many. Others' runs are left alone."""
        deleted = self.sql(
            "WITH gone AS (DELETE FROM runs WHERE status = 'queued' AND starts_with(source, :'mark') RETURNING 1)"
            " SELECT count(*) FROM gone",
            mark=FLOOD_MARK,
        )
        return int(deleted)

    def bare_insert_rate(self, source: str, seconds: int, clients: int) -> dict:
        """pgbench with one prepared INSERT per transaction: what PostgreSQL could accept here if there were no api."""
        self.sql(f"DROP TABLE IF EXISTS {COPY}; DROP SEQUENCE IF EXISTS {COPY}_id")
        self.sql(f"CREATE TABLE {COPY} (LIKE runs INCLUDING ALL) WITH (fillfactor = 80); CREATE SEQUENCE {COPY}_id")
        try:
            literal = "'" + source.replace("'", "''").replace("\n", "\\n") + "'"
            script = INSERT.replace(":source", "E" + literal)
            pgbench = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", "/dev/stdin"]
            told = self.run(self.command(*pgbench), script)
        finally:
            self.sql(f"DROP TABLE {COPY}; DROP SEQUENCE {COPY}_id")
        return {
            "clients": clients,
            "seconds": seconds,
            "count": int(figure("transactions actually processed: ", told)),
            "mean_ms": figure("latency average = ", told),
            "per_second": round(figure("tps = ", told)),
        }


def figure(label: str, told: str) -> float:
    found = re.search(re.escape(label) + r"([\d.]+)", told)
    if found is None:
        raise AssertionError(f"pgbench told no '{label.strip(' =:')}':\n{told}")
    return float(found[1])
