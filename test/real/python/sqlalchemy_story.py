"""SQLAlchemy with the `starrocks` dialect against a StarRocks frontend.

Tables are made, loaded, reflected, backed up, dropped, restored and compared.

    sqlalchemy_story.py PORT REPOSITORY
"""

import sys
import time

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, inspect
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

PORT, REPOSITORY = int(sys.argv[1]), sys.argv[2]
NAME = "py_sqlalchemy"
SERVER = f"starrocks://root:@127.0.0.1:{PORT}"


def expect(got, wanted):
    if got != wanted:
        raise AssertionError(f"expected {wanted!r}, got {got!r}")


def finished(connection, show):
    while True:
        row = connection.execute(text(show)).mappings().one()
        if row["State"] in ("FINISHED", "CANCELLED"):
            return row["State"]
        time.sleep(0.05)


with create_engine(f"{SERVER}/information_schema").connect() as connection:
    connection.execute(text(f"CREATE DATABASE {NAME}"))

engine = create_engine(f"{SERVER}/{NAME}")
metadata = MetaData()
items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), comment="what it is called"),
    starrocks_PRIMARY_KEY="id",
    starrocks_DISTRIBUTED_BY="HASH(id) BUCKETS 2",
    starrocks_PROPERTIES={"replication_num": "1"},
)
metadata.create_all(engine)
# The second time finds the table there.
metadata.create_all(engine)

with engine.begin() as connection:
    values = [{"id": 1, "name": "pen"}, {"id": 2, "name": "it's 雪"}, {"id": 3, "name": None}]
    connection.execute(insert(items), values)
    before = connection.execute(select(items).order_by(items.c.id)).all()
    expect(before, [(1, "pen"), (2, "it's 雪"), (3, None)])
    expect(connection.execute(select(items.c.id).where(items.c.name == "pen")).scalar(), 1)
    connection.execute(items.update().where(items.c.id == 3).values(name="cap"))
    connection.execute(items.delete().where(items.c.id == 1))
    before = connection.execute(select(items).order_by(items.c.id)).all()
    expect(before, [(2, "it's 雪"), (3, "cap")])

expect(engine.dialect.server_version_info[:2], (3, 5))
inspector = inspect(engine)
expect(NAME in inspector.get_schema_names(), True)
expect(inspector.get_table_names(), ["items"])
expect(inspector.has_table("nothing"), False)
columns = inspector.get_columns("items")
expect([(column["name"], column["nullable"]) for column in columns], [("id", False), ("name", True)])
expect([str(column["type"]).upper()[:7] for column in columns], ["INTEGER", "VARCHAR"])
expect(columns[1]["comment"], "what it is called")
expect(inspector.get_indexes("items"), [])
reflected = Table("items", MetaData(), autoload_with=engine)
expect(list(reflected.columns.keys()), ["id", "name"])

with engine.connect() as connection:
    connection.execute(text(f"BACKUP SNAPSHOT {NAME}.{NAME} TO {REPOSITORY}"))
    expect(finished(connection, f"SHOW BACKUP FROM {NAME}"), "FINISHED")
metadata.drop_all(engine)
expect(inspect(engine).get_table_names(), [])
with engine.connect() as connection:
    shown = connection.execute(
        text(f"SHOW SNAPSHOT ON {REPOSITORY} WHERE SNAPSHOT = :label"), {"label": NAME}
    ).mappings()
    timestamp = shown.one()["Timestamp"]
    connection.execute(
        text(
            f"RESTORE SNAPSHOT {NAME}.{NAME} FROM {REPOSITORY} "
            f'PROPERTIES ("backup_timestamp" = "{timestamp}")'
        )
    )
    expect(finished(connection, f"SHOW RESTORE FROM {NAME}"), "FINISHED")
    expect(connection.execute(select(items).order_by(items.c.id)).all(), before)
    try:
        connection.execute(text("SELECT * FROM nothing"))
    except DBAPIError as error:
        expect(error.orig.args[0], 5502)
    else:
        raise AssertionError("a table that is not there was read")
print("whole story told")
