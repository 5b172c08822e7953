// Story is go-sql-driver/mysql against a StarRocks frontend: connect, define, load, query, back up,
// poll, destroy, restore, compare. It prints a line per step and fails at the first that is wrong.
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"reflect"
	"time"

	"github.com/go-sql-driver/mysql"
)

func main() {
	address, repository := os.Args[1], os.Args[2]
	log.SetFlags(0)
	for _, values := range []string{"prepared", "interpolated"} {
		tell(address, repository, values)
	}
	fmt.Println("whole story told")
}

// tell plays the story with values sent to the server, or put into the text by the driver.
func tell(address, repository, values string) {
	name := "go_" + values
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "tcp", address
	config.ParseTime = true
	config.InterpolateParams = values == "interpolated"
	connector, err := mysql.NewConnector(config)
	must(err)
	db := sql.OpenDB(connector)
	defer db.Close()
	must(db.Ping())

	exec(db, "CREATE DATABASE "+name)
	exec(db, `CREATE TABLE `+name+`.t (id INT NOT NULL, i BIGINT, n DECIMAL(10, 2), f DOUBLE, b BOOLEAN,
		day DATE, at DATETIME, s VARCHAR(50), v VARBINARY) PRIMARY KEY (id)
		DISTRIBUTED BY HASH (id) BUCKETS 2`)
	exec(db, "INSERT INTO "+name+`.t VALUES (1, 9007199254740993, '1.50', 0.25, true, '2024-02-29',
		'2024-02-29 10:11:12', 'größe 雪 ''q''', x'00ff'),
		(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`)

	_, err = db.Exec("INSERT INTO "+name+".t (id, s) VALUES (?, ?)", 3, "it's")
	if values == "prepared" {
		// A frontend prepares queries only, and this driver prepares whatever has values.
		expectNumber(err, 1295)
		exec(db, "INSERT INTO "+name+".t (id, s) VALUES (3, 'it''s')")
	} else {
		must(err)
	}

	query := "SELECT * FROM " + name + ".t WHERE id > ? AND id < ? ORDER BY id"
	before := rows(db, query, 0, 99)
	expectEqual(len(before), 3)
	expectEqual(fmt.Sprint(before[0][1], before[0][2], before[0][4], before[0][5]),
		fmt.Sprint("9007199254740993", "1.50", "1", "2024-02-29 00:00:00 +0000 UTC"))
	expectEqual(before[0][7], "größe 雪 'q'")
	expectEqual(before[1][1], "<nil>")
	at := time.Date(2024, 2, 29, 10, 11, 12, 0, time.UTC)
	expectEqual(len(rows(db, "SELECT id FROM "+name+".t WHERE at = ? AND s LIKE ?", at, "gr%")), 1)
	_, err = db.Query("SELECT * FROM " + name + ".nothing")
	expectNumber(err, 5502)

	exec(db, "BACKUP SNAPSHOT "+name+"."+name+" TO "+repository)
	expectEqual(finished(db, "SHOW BACKUP FROM "+name), "FINISHED")
	exec(db, "DROP TABLE "+name+".t FORCE")
	shown := rows(db, "SHOW SNAPSHOT ON "+repository+" WHERE SNAPSHOT = '"+name+"'")
	exec(db, fmt.Sprintf(`RESTORE SNAPSHOT %s.%s FROM %s PROPERTIES ("backup_timestamp" = "%s")`,
		name, name, repository, shown[0][1]))
	expectEqual(finished(db, "SHOW RESTORE FROM "+name), "FINISHED")
	expectEqual(rows(db, query, 0, 99), before)
	exec(db, "DROP DATABASE "+name)
	fmt.Println(values + ": every row came back")
}

// finished asks until the job of a database is over, and tells its state.
func finished(db *sql.DB, show string) string {
	for {
		found := rows(db, show)
		for _, cell := range found[0] {
			if cell == "FINISHED" || cell == "CANCELLED" {
				return cell
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func rows(db *sql.DB, query string, values ...any) [][]string {
	result, err := db.Query(query, values...)
	must(err)
	defer result.Close()
	columns, err := result.Columns()
	must(err)
	all := [][]string{}
	for result.Next() {
		cells := make([]any, len(columns))
		for at := range cells {
			cells[at] = new(any)
		}
		must(result.Scan(cells...))
		texts := make([]string, len(columns))
		for at, cell := range cells {
			value := *(cell.(*any))
			if bytes, ok := value.([]byte); ok {
				value = string(bytes)
			}
			texts[at] = fmt.Sprint(value)
		}
		all = append(all, texts)
	}
	must(result.Err())
	return all
}

func exec(db *sql.DB, text string) {
	_, err := db.Exec(text)
	must(err)
}

func expectNumber(err error, number uint16) {
	var told *mysql.MySQLError
	if !errors.As(err, &told) || told.Number != number {
		log.Panicf("expected error %d, got %v", number, err)
	}
}

func expectEqual(got, wanted any) {
	if !reflect.DeepEqual(got, wanted) {
		log.Panicf("expected %v, got %v", wanted, got)
	}
}

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}
