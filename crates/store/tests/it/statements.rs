//! Statements: parameters, types, constraint names, reads.

use crate::facade::*;
use store::{Result, StoreError, Tx, Value, filter::Select};
use uuid::Uuid;

#[tokio::test]
async fn parameters_are_bound_by_their_number() {
    for store in testkit::stores().await {
        let found = rows(
            &store,
            "SELECT CAST($2 AS TEXT), CAST($1 AS BIGINT), CAST($2 AS TEXT)",
            vec![1.into(), "two".into()],
        )
        .await;
        assert_eq!(found[0].str(0), Ok("two"));
        assert_eq!(found[0].int(1), Ok(1));
        assert_eq!(found[0].str(2), Ok("two"));
        for params in [vec![], vec![1.into()], vec![1.into(), 2.into(), 3.into()]] {
            let wrong: Result<_> = store
                .read(organization(1), async move |tx: &mut Tx| {
                    tx.fetch("SELECT CAST($2 AS BIGINT), CAST($1 AS BIGINT)", &params).await
                })
                .await;
            assert!(wrong.unwrap_err().to_string().contains("2 parameters"), "{}", store.name());
        }
    }
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    for store in testkit::stores().await {
        let (uuid, boolean, blob) =
            if store.name() == "SQLite" { ("BLOB", "INTEGER", "BLOB") } else { ("UUID", "BOOLEAN", "BYTEA") };
        let table = format!("CREATE TABLE kinds (i BIGINT, b {boolean}, t TEXT, x {blob}, u {uuid})");
        run(&store, &[sql(table)]).await;
        let id = Uuid::from_bytes([9; 16]);
        let values: Vec<Value> =
            vec![i64::MIN.into(), true.into(), "ü€\u{1F600}".into(), vec![0_u8, 255].into(), id.into()];
        write(&store, async move |tx: &mut Tx| {
            let insert = "INSERT INTO kinds (i, b, t, x, u) VALUES ($1, $2, $3, $4, $5)";
            tx.execute(insert, &values).await?;
            tx.execute(insert, &[Value::Null, Value::Null, Value::Null, Value::Null, Value::Null]).await
        })
        .await
        .unwrap();
        let found = rows(&store, "SELECT i, b, t, x, u FROM kinds ORDER BY i NULLS LAST", vec![]).await;
        let row = &found[0];
        assert_eq!(row.int(0), Ok(i64::MIN));
        assert_eq!(row.bool(1), Ok(true));
        assert_eq!(row.text(2), Ok("ü€\u{1F600}".to_owned()));
        assert_eq!(row.blob(3), Ok(vec![0, 255]));
        assert_eq!(row.uuid(4), Ok(id));
        assert_eq!(row.bytes::<2>(3), Ok([0, 255]));
        assert!(row.bytes::<3>(3).is_err());
        let empty = &found[1];
        assert_eq!(empty.opt_int(0), Ok(None));
        assert_eq!(empty.opt_bool(1), Ok(None));
        assert_eq!(empty.opt_text(2), Ok(None));
        assert_eq!(empty.opt_blob(3), Ok(None));
        assert_eq!(empty.opt_uuid(4), Ok(None));
        let error = empty.int(0).unwrap_err().to_string();
        assert!(error.contains("column i should be an integer but is null"), "{error}");
        assert!(row.int(2).unwrap_err().to_string().contains("column t"), "the column is named");
        assert!(row.int(9).unwrap_err().to_string().contains("no column 9"));
        // Sums are NUMERIC on PostgreSQL.
        run(&store, &["UPDATE kinds SET i = 9007199254740993"]).await;
        assert_eq!(
            ints(&store, "SELECT sum(i) FROM kinds WHERE t IS NOT NULL").await,
            [9_007_199_254_740_993]
        );
        assert_eq!(ints(&store, "SELECT 1").await, [1]);
    }
}

#[tokio::test]
async fn constraints_have_the_same_names_on_both_engines() {
    for store in testkit::stores().await {
        run(
            &store,
            &[
                "CREATE TABLE p (a BIGINT NOT NULL, b BIGINT NOT NULL, c TEXT, d TEXT UNIQUE, e TEXT, \
                 CONSTRAINT p_positive CHECK (a > 0), PRIMARY KEY (a, b))",
                "CREATE UNIQUE INDEX p_c ON p (c) WHERE c IS NOT NULL",
                "CREATE UNIQUE INDEX p_lower ON p (lower(e))",
                "CREATE TABLE q (id BIGINT NOT NULL PRIMARY KEY, a BIGINT, b BIGINT, \
                 FOREIGN KEY (a, b) REFERENCES p (a, b))",
                "INSERT INTO p VALUES (1, 1, 'c', 'd', 'e')",
                "INSERT INTO q VALUES (1, 1, 1)",
            ],
        )
        .await;
        for (statement, name) in [
            ("INSERT INTO p VALUES (1, 1, 'x', 'x', 'x')", "p_pkey"),
            ("INSERT INTO p VALUES (1, 2, 'c', 'x', 'x')", "p_c"),
            ("INSERT INTO p VALUES (1, 2, 'x', 'd', 'x')", "p_d_key"),
            ("INSERT INTO p VALUES (1, 2, 'x', 'x', 'E')", "p_lower"),
            ("INSERT INTO p VALUES (0, 2, 'x', 'x', 'x')", "p_positive"),
            ("INSERT INTO q VALUES (1, NULL, NULL)", "q_pkey"),
            ("INSERT INTO q VALUES (2, 5, 5)", "foreign_key"),
            ("DELETE FROM p", "foreign_key"),
        ] {
            let error =
                write(&store, async move |tx: &mut Tx| tx.execute(statement, &[]).await).await.unwrap_err();
            assert!(error.is_conflict(name), "{}: {statement}: {error}", store.name());
        }
    }
}

#[tokio::test]
async fn a_read_can_neither_write_nor_record() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let writes: Result<_> =
            store.read(organization(1), async |tx: &mut Tx| insert(tx, 1).await.map(drop)).await;
        assert!(matches!(writes, Err(StoreError::Other(_))), "{}: {writes:?}", store.name());
        let changes: Result<_> = store
            .read(organization(1), async |tx: &mut Tx| {
                tx.changed(news(1));
                Ok(())
            })
            .await;
        assert!(changes.is_err());
        let journals: Result<_> = store
            .read(organization(1), async |tx: &mut Tx| {
                tx.journal(entry("x"));
                Ok(())
            })
            .await;
        assert!(journals.is_err());
        let panics: Result<()> = store.read(organization(1), async |_: &mut Tx| panic!("wanted")).await;
        assert!(panics.is_err());
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [0]);
        assert_eq!(ints(&store, "SELECT count(*) FROM journal").await, [0]);
    }
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let (first, looked) = std::sync::mpsc::channel();
        let (wrote, go_on) = std::sync::mpsc::channel::<()>();
        let reading = {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .read(organization(1), async move |tx: &mut Tx| {
                        let before = tx.fetch_one("SELECT count(*) FROM probe", &[]).await?.int(0)?;
                        first.send(()).unwrap();
                        go_on.recv().unwrap();
                        let after = tx.fetch_one("SELECT count(*) FROM probe", &[]).await?.int(0)?;
                        Ok::<_, StoreError>((before, after))
                    })
                    .await
            })
        };
        tokio::task::spawn_blocking(move || looked.recv().unwrap()).await.unwrap();
        write(&store, async |tx: &mut Tx| insert(tx, 1).await).await.unwrap();
        wrote.send(()).unwrap();
        assert_eq!(reading.await.unwrap(), Ok((0, 0)), "{}", store.name());
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [1]);
    }
}

#[tokio::test]
async fn text_with_nul_is_refused_on_both_engines() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let outcome = write(&store, async |tx: &mut Tx| {
            tx.execute("INSERT INTO probe (id, name) VALUES (1, $1)", &["a\0b".into()]).await
        })
        .await;
        assert!(outcome.unwrap_err().to_string().contains("U+0000"), "{}", store.name());
    }
}

#[tokio::test]
async fn a_filter_finds_sorts_and_pages() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        write(&store, async |tx: &mut Tx| {
            for (id, name) in [(1, "b"), (2, "a"), (3, "a"), (4, "c"), (5, "'; DROP TABLE probe; --")] {
                let name: Value = name.into();
                tx.execute("INSERT INTO probe (id, name) VALUES ($1, $2)", &[id.into(), name]).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let ids = async |select: Select| {
            let (sql, params) = select.build();
            store
                .read(organization(1), async move |tx: &mut Tx| {
                    tx.fetch_dynamic(&sql, &params)
                        .await?
                        .iter()
                        .map(|row| row.int(0))
                        .collect::<Result<Vec<_>>>()
                })
                .await
                .unwrap()
        };
        let all = || Select::new("SELECT id FROM probe WHERE id > ?", vec![0.into()]);
        let mut select = all();
        select.one_of("name", vec!["a".into(), "b".into(), "c".into()]);
        select.order("name", true);
        select.order("id", false);
        select.page(2, 1);
        assert_eq!(ids(select).await, [1, 2]);
        let mut select = all();
        select.any(&["name = ?", "CAST(id AS TEXT) = ?"], &"4".into());
        assert_eq!(ids(select).await, [4]);
        let mut select = all();
        select.and("name = ?", vec!["'; DROP TABLE probe; --".into()]);
        assert_eq!(ids(select).await, [5]);
        let mut select = all();
        select.one_of("id", vec![]);
        assert!(ids(select).await.is_empty());
    }
}
