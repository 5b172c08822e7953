import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * MariaDB Connector/J against a StarRocks frontend: connect, define, load, query, back up, poll,
 * destroy, restore, compare; with values put into the text, and prepared on the server.
 */
public final class Story {
  public static void main(String[] arguments) throws SQLException {
    String repository = arguments[1];
    for (boolean prepared : new boolean[] {false, true}) {
      String url = "jdbc:mariadb://" + arguments[0] + "/?user=root&useServerPrepStmts=" + prepared;
      try (Connection connection = DriverManager.getConnection(url)) {
        tell(connection, repository, prepared);
      }
    }
    System.out.println("whole story told");
  }

  private static void tell(Connection connection, String repository, boolean prepared)
      throws SQLException {
    String name = prepared ? "jdbc_prepared" : "jdbc_text";
    expect(connection.isValid(5), true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
      connection.setCatalog(name);
      expect(connection.getCatalog(), name);
      statement.execute(
          "CREATE TABLE t (id INT NOT NULL, b BOOLEAN, i BIGINT, n DECIMAL(10, 2), f DOUBLE,"
              + " day DATE, at DATETIME, s VARCHAR(50), v VARBINARY)"
              + " PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2");
      expect(
          statement.executeUpdate(
              "INSERT INTO t VALUES (1, true, 9007199254740993, '1.50', 0.25, '2024-02-29',"
                  + " '2024-02-29 10:11:12', 'größe 雪 ''q''', x'00ff'),"
                  + " (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"),
          2);
      insertWithValues(connection);
      List<List<String>> before = rows(statement, "SELECT * FROM t ORDER BY id");
      expect(before.size(), 3);
      readTyped(connection);
      tellOfMetadata(connection, name);

      statement.execute("BACKUP SNAPSHOT " + name + "." + name + " TO " + repository);
      expect(finished(statement, "SHOW BACKUP FROM " + name), "FINISHED");
      statement.execute("DROP TABLE t FORCE");
      String timestamp =
          rows(statement, "SHOW SNAPSHOT ON " + repository + " WHERE SNAPSHOT = '" + name + "'")
              .get(0)
              .get(1);
      statement.execute(
          "RESTORE SNAPSHOT " + name + "." + name + " FROM " + repository
              + " PROPERTIES (\"backup_timestamp\" = \"" + timestamp + "\")");
      expect(finished(statement, "SHOW RESTORE FROM " + name), "FINISHED");
      expect(rows(statement, "SELECT * FROM t ORDER BY id"), before);
      try {
        statement.execute("SELECT * FROM nothing");
        throw new AssertionError("a table that is not there was read");
      } catch (SQLException error) {
        expect(error.getErrorCode(), 5502);
        expect(error.getSQLState(), "42602");
      }
    }
    connection.setAutoCommit(false);
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /** A frontend prepares queries only: refused, the driver puts the values into the text. */
  private static void insertWithValues(Connection connection) throws SQLException {
    String text = "INSERT INTO t (id, s, at) VALUES (?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(text)) {
      insert.setInt(1, 3);
      insert.setString(2, "it's");
      insert.setTimestamp(3, Timestamp.valueOf("2024-03-01 00:00:00"));
      expect(insert.executeUpdate(), 1);
    }
  }

  private static void readTyped(Connection connection) throws SQLException {
    String text = "SELECT * FROM t WHERE id = ? AND day = ? AND s LIKE ? AND at < ? AND i > ?";
    try (PreparedStatement select = connection.prepareStatement(text)) {
      select.setInt(1, 1);
      select.setDate(2, Date.valueOf("2024-02-29"));
      select.setString(3, "gr%");
      select.setTimestamp(4, Timestamp.valueOf("2024-03-01 00:00:00"));
      select.setLong(5, 5L);
      try (ResultSet found = select.executeQuery()) {
        expect(found.next(), true);
        expect(found.getBoolean("b"), true);
        expect(found.getLong("i"), 9007199254740993L);
        expect(found.getBigDecimal("n"), new BigDecimal("1.50"));
        expect(found.getDouble("f"), 0.25);
        expect(found.getDate("day"), Date.valueOf("2024-02-29"));
        expect(found.getTimestamp("at"), Timestamp.valueOf("2024-02-29 10:11:12"));
        expect(found.getString("s"), "größe 雪 'q'");
        expect(found.getBytes("v").length, 2);
        expect(found.next(), false);
      }
    }
  }

  private static void tellOfMetadata(Connection connection, String name) throws SQLException {
    DatabaseMetaData metadata = connection.getMetaData();
    expect(metadata.getDatabaseProductVersion(), "8.0.33");
    try (ResultSet tables = metadata.getTables(name, null, "%", new String[] {"TABLE"})) {
      expect(tables.next(), true);
      expect(tables.getString("TABLE_NAME"), "t");
      expect(tables.next(), false);
    }
    // Its query of columns casts to UNSIGNED, which the emulator has not, and says so.
    try {
      metadata.getColumns(name, null, "t", "%").close();
      throw new AssertionError("columns were told");
    } catch (SQLException error) {
      expect(error.getMessage().contains("UNSIGNED is not supported"), true);
    }
  }

  private static String finished(Statement statement, String show) throws SQLException {
    for (;;) {
      try (ResultSet found = statement.executeQuery(show)) {
        expect(found.next(), true);
        String state = found.getString("State");
        if (state.equals("FINISHED") || state.equals("CANCELLED")) return state;
      }
    }
  }

  private static List<List<String>> rows(Statement statement, String text) throws SQLException {
    List<List<String>> all = new ArrayList<>();
    try (ResultSet found = statement.executeQuery(text)) {
      int count = found.getMetaData().getColumnCount();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int at = 1; at <= count; at += 1) row.add(found.getString(at));
        all.add(row);
      }
    }
    return all;
  }

  private static void expect(Object got, Object wanted) {
    if (!Objects.equals(got, wanted)) {
      throw new AssertionError("expected " + wanted + ", got " + got);
    }
  }
}
