"""One MySQL client of Python against a StarRocks frontend.

Connect, define, load, query, back up, poll, destroy, restore, compare; then what the client has of
its own. Fails at the first thing that is wrong.

    story.py CLIENT PORT REPOSITORY      CLIENT: pymysql, connector-pure, connector-c
"""

import datetime
import decimal
import sys
import time

CLIENT, PORT, REPOSITORY = sys.argv[1], int(sys.argv[2]), sys.argv[3]
NAME = "py_" + CLIENT.replace("-", "_")

ROWS = [
    (
        1,
        1,
        9007199254740993,
        decimal.Decimal("1.50"),
        0.25,
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 10, 11, 12),
        "größe 雪 'q' \"d\" \\ %s",
        b"\x00\xff",
    ),
    (2,) + (None,) * 8,
]


def connect(database=None):
    account = {"host": "127.0.0.1", "port": PORT, "user": "root", "password": ""}
    if CLIENT == "pymysql":
        import pymysql

        return pymysql.connect(**account, database=database)
    import mysql.connector

    return mysql.connector.connect(
        **account, database=database, use_pure=CLIENT == "connector-pure"
    )


def expect(got, wanted):
    if got != wanted:
        raise AssertionError(f"expected {wanted!r}, got {got!r}")


def expect_error(number, run):
    try:
        run()
    except Exception as error:  # each client has classes of its own
        told = error.args[0] if CLIENT == "pymysql" else error.errno
        expect(told, number)
        return
    raise AssertionError(f"no error, {number} was expected")


def tell(connection):
    cursor = connection.cursor()

    def query(text, values=None):
        cursor.execute(text, values) if values is not None else cursor.execute(text)
        return list(cursor.fetchall())

    def finished(show, state_at):
        while True:
            [row] = query(show)
            if row[state_at] in ("FINISHED", "CANCELLED"):
                return row[state_at]
            time.sleep(0.05)

    cursor.execute(f"CREATE DATABASE {NAME}")
    cursor.execute(f"USE {NAME}")
    cursor.execute(
        """CREATE TABLE t (id INT NOT NULL, b BOOLEAN, i BIGINT, n DECIMAL(10, 2), f DOUBLE,
           day DATE, at DATETIME, s VARCHAR(50), v VARBINARY)
           PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2"""
    )
    marks = ", ".join(["%s"] * 8)
    first, second = ROWS
    cursor.execute(f"INSERT INTO t VALUES ({marks}, x'00ff')", first[:-1])
    expect(cursor.rowcount, 1)
    cursor.execute(f"INSERT INTO t VALUES ({marks}, NULL)", second[:-1])
    cursor.executemany("INSERT INTO t (id, s) VALUES (%s, %s)", [(3, "it's"), (4, "x\ny")])
    connection.commit()

    before = query("SELECT * FROM t ORDER BY id")
    expect([tuple(row) for row in before[:2]], ROWS)
    expect(query("SELECT id FROM t WHERE s = %s", (first[7],)), [(1,)])
    expect(query("SELECT id FROM t WHERE at = %s", (first[6],)), [(1,)])
    expect(query("SELECT id FROM t WHERE s LIKE %s ORDER BY id", ("%'%",)), [(1,), (3,)])
    expect([column[0] for column in cursor.description], ["id"])
    expect_error(5502, lambda: cursor.execute("SELECT * FROM nothing"))
    expect_error(1064, lambda: cursor.execute("SELEC 1"))

    cursor.execute(f"BACKUP SNAPSHOT {NAME}.{NAME} TO {REPOSITORY}")
    expect(finished(f"SHOW BACKUP FROM {NAME}", 3), "FINISHED")
    cursor.execute("DROP TABLE t FORCE")
    [snapshot] = query(f"SHOW SNAPSHOT ON {REPOSITORY} WHERE SNAPSHOT = %s", (NAME,))
    cursor.execute(
        f"RESTORE SNAPSHOT {NAME}.{NAME} FROM {REPOSITORY} "
        f'PROPERTIES ("backup_timestamp" = "{snapshot[1]}")'
    )
    expect(finished(f"SHOW RESTORE FROM {NAME}", 4), "FINISHED")
    expect(query("SELECT * FROM t ORDER BY id"), before)


def tell_of_pymysql(connection):
    connection.ping(reconnect=False)
    connection.select_db(NAME)
    connection.autocommit(True)
    expect(connection.get_server_info(), "8.0.33")


def tell_of_connector(connection):
    expect(connection.is_connected(), True)
    expect(connection.autocommit, False)
    connection.autocommit = True
    expect(connection.autocommit, True)
    connection.cmd_change_user("root", "", NAME)
    connection.reset_session()
    connection.database = NAME
    prepared = connection.cursor(prepared=True)
    prepared.execute("SELECT * FROM t WHERE id <= %s ORDER BY id", (2,))
    found = [tuple(bytes(c) if type(c) is bytearray else c for c in row) for row in prepared]
    expect(found, ROWS)
    prepared.close()
    # A frontend prepares queries only.
    expect_error(
        1295,
        lambda: connection.cursor(prepared=True).execute("INSERT INTO t (id) VALUES (%s)", (9,)),
    )


told = connect()
tell(told)
if CLIENT == "pymysql":
    tell_of_pymysql(told)
else:
    tell_of_connector(told)
told.close()
again = connect(NAME)
cursor = again.cursor()
cursor.execute("SELECT COUNT(*) FROM t")
expect(list(cursor.fetchall()), [(4,)])
again.close()
print("whole story told")
