//! A data directory of the previous release opens with the current code, and everything in it reads back.
//!
//! `testdata/release-…/dump.sql` is the database as that release wrote it, `expected.json` what it held, read
//! through the store. See the README beside them.

use crate::repo_fixture::*;
use catalog::CommandKind;
use domain::{Millis, model::*};
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Value, json};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use store::{
    Location, Options, SecretKey, Store, StoreError, Tx, job, lease, purge_journal_before,
    repo::{
        self,
        installation::{
            counter, entities,
            login_failures::{self, FailureKind, LoginFailures},
            settings,
        },
        ise_calls::IseCall,
        traces::Trace,
        unknown_macs::UnknownMac,
    },
    verify_journal,
};

/// The key of the fixture's installation.
const KEY: [u8; 32] = [0x0A; 32];

fn fixture(file: &str) -> PathBuf {
    Path::new("testdata/release-0.1").join(file)
}

async fn open(directory: &Path, clock: &Arc<AtomicI64>) -> Store {
    let key = SecretKey::from_bytes(&KEY).unwrap();
    let mut options = Options::new(Location::Sqlite(directory.into()), key);
    let clock = clock.clone();
    options.clock = Arc::new(move || clock.load(Ordering::Relaxed));
    Store::open(options).await.unwrap()
}

#[tokio::test]
async fn the_previous_release_opens_and_everything_reads_back() {
    let directory = tempfile::tempdir().unwrap();
    let dump = fs::read_to_string(fixture("dump.sql")).unwrap();
    let database = directory.path().join("notifymdm.db");
    Connection::open(&database).unwrap().execute_batch(&dump).unwrap();

    let store = open(directory.path(), &Arc::new(AtomicI64::new(NOW + 1_000_000))).await;
    let report = verify_journal(&store).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(fixture("expected.json")).unwrap()).unwrap();
    compare(&read_back(&store).await, &expected, "");
    write_on(&store).await;
    drop(store);

    let raw = Connection::open(&database).unwrap();
    let mut broken = raw.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!broken.exists([]).unwrap(), "a row points to nothing");
}

/// Everything expected is there, under the same name and of the same value. What a newer version added may be
/// there as well.
fn compare(found: &Value, expected: &Value, at: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, value) in expected {
                compare(found.get(key).unwrap_or(&Value::Null), value, &format!("{at}/{key}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{at}");
            for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
                compare(found, expected, &format!("{at}/{index}"));
            }
        }
        _ => assert_eq!(found, expected, "{at}"),
    }
}

/// The old rows can be changed, and both records go on.
async fn write_on(store: &Store) {
    let users =
        store.read(Organization::SYSTEM, async |tx: &mut Tx| entities::users(tx, None, 1).await).await;
    let mut user: User = users.unwrap().remove(0);
    let rev = user.rev;
    user.display_name = "After the upgrade".into();
    let number = store
        .write(user.organization, Actor::System, async move |tx: &mut Tx| {
            let mut user = user.clone();
            repo::users::put(tx, &mut user).await?;
            assert_eq!(user.rev, rev + 1);
            tx.journal(JournalEntry { event: "user.changed", subject: user.id.to_string(), body: json!({}) });
            counter::next_device_number(tx).await
        })
        .await
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert_eq!(number, 3, "numbers go on");
    let report = verify_journal(store).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
}

/// What the store holds, through its functions.
async fn read_back(store: &Store) -> Value {
    let installation = store
        .read(Organization::SYSTEM, async |tx: &mut Tx| {
            let failures = login_failures::get(tx, FailureKind::Account, "boss").await?;
            Ok::<_, StoreError>(json!({
                "organizations": entities::organizations(tx, None, 9).await?,
                "access": entities::access(tx, None, 9).await?,
                "administrators": entities::administrators(tx, None, 9).await?,
                "roles": entities::roles(tx, None, 9).await?,
                "tokens": entities::tokens(tx, None, 9).await?,
                "sessions": entities::sessions(tx, None, 9).await?,
                "users": entities::users(tx, None, 9).await?,
                "devices": entities::devices(tx, None, 9).await?,
                "suites": entities::suites(tx, None, 9).await?,
                "servers": entities::servers(tx, None, 9).await?,
                "commands": entities::commands(tx, None, 9).await?,
                "presence": entities::presence(tx, None, 9).await?,
                "failures": failures.map(|it| json!([it.count, it.window_start, it.locked_until])),
                "setting": settings::get(tx, "instance").await?,
                "job_due": job::next_due(tx).await?,
                "lease": lease::holder(tx, "sweep").await?,
            }))
        })
        .await
        .unwrap();
    let mut all = vec![installation.clone()];
    for organization in installation["organizations"].as_array().unwrap() {
        let id: OrganizationId = organization["id"].as_str().unwrap().parse().unwrap();
        all.push(store.read(id, async |tx: &mut Tx| tenant(tx).await).await.unwrap());
    }
    Value::Array(all)
}

/// What the unit's organization holds beyond its entities, and the look-ups of its devices.
async fn tenant(tx: &mut Tx) -> Result<Value, StoreError> {
    let mut found = Vec::new();
    let journal = repo::journal::page(tx, None, &repo::journal::Filter::default(), 99).await?;
    found.push(json!(journal));
    for call in repo::ise_calls::page(tx, None, 9).await? {
        found.push(json!([
            call.sequence,
            call.at,
            call.account,
            call.address,
            call.method,
            call.target,
            call.status,
            call.duration_us,
            call.note
        ]));
    }
    for mac in repo::unknown_macs::all(tx).await? {
        found.push(json!([mac.mac, mac.first_at, mac.last_at, mac.count]));
    }
    for device in repo::devices::by_mac(tx, "AABBCCDDEEFF").await? {
        let by_guid = repo::devices::by_guid(tx, device.aliases[0]).await?;
        let channel = &device.channels[0];
        let by_channel =
            repo::devices::by_channel(tx, device.user, channel.kind, &channel.external_id.to_uppercase())
                .await?;
        assert_eq!((by_guid.as_ref(), by_channel.as_ref()), (Some(&device), Some(&device)));
        found.push(json!(repo::commands::of_device(tx, device.id, 9).await?));
        found.push(json!(repo::exchanges::get(tx, device.id).await?));
        if let Some(trace) = repo::traces::get(tx, device.user).await? {
            found.push(json!([trace.user, trace.started_at, trace.until, trace.started_by]));
        }
        for line in repo::traces::entries(tx, device.user, 0, 9).await? {
            found.push(json!([line.sequence, line.at, line.line]));
        }
        if let Some(suite) = device.suite {
            found.push(json!(repo::suites::revisions(tx, suite, None, 9).await?));
        }
    }
    Ok(Value::Array(found))
}

/// Writes the fixture of the version at hand. Run it by name, and only before that version is released.
#[tokio::test]
#[ignore = "rewrites testdata/release-0.1"]
async fn write_the_fixture() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW));
    let store = open(directory.path(), &clock).await;
    seed(&store, &clock).await;
    let expected = read_back(&store).await;
    drop(store);
    let raw = Connection::open(directory.path().join("notifymdm.db")).unwrap();
    fs::write(fixture("dump.sql"), dump(&raw)).unwrap();
    fs::write(fixture("expected.json"), serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
}

/// At least one row in every table; two organizations.
async fn seed(store: &Store, clock: &Arc<AtomicI64>) {
    let (acme, globex) = (organization("acme"), organization("globex"));
    for (number, home) in [(1u8, acme.clone()), (2, globex)] {
        let organization = home.id;
        store
            .write(organization, Actor::CommandLine, async move |tx: &mut Tx| {
                people(tx, &home, number).await?;
                let body = json!({"name": "ä"});
                tx.journal(JournalEntry {
                    event: "organization.created",
                    subject: organization.to_string(),
                    body,
                });
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
    installation(store).await;
    // The first row of a journal is purged, so that there is a checkpoint; the one behind it stays.
    clock.fetch_add(1000, Ordering::Relaxed);
    store
        .write(acme.id, Actor::System, async |tx: &mut Tx| {
            tx.journal(JournalEntry { event: "user.created", subject: "x".into(), body: json!({"n": 1}) });
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    assert_eq!(purge_journal_before(store, acme.id, Actor::System, NOW + 500, i64::MAX).await, Ok(1));
}

/// Rows without an organization.
async fn installation(store: &Store) {
    store
        .write(Organization::SYSTEM, Actor::System, async |tx: &mut Tx| {
            settings::put(tx, "instance", &[0, 159, 146, 150]).await?;
            let failures = LoginFailures { count: 3, window_start: NOW, locked_until: Some(NOW + 60_000) };
            login_failures::put(tx, FailureKind::Account, "boss", &failures).await?;
            assert!(lease::acquire(tx, "sweep", "node-1", 1_000_000_000).await?);
            job::enqueue(tx, id(), "sweep", Some("sweep"), &json!({"deep": true}), NOW).await.map(drop)
        })
        .await
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
}

/// One of everything in an organization.
async fn people(tx: &mut Tx, home: &Organization, number: u8) -> Result<(), StoreError> {
    let organization = home.id;
    repo::organizations::put(tx, &mut home.clone()).await?;
    let mut role = role(organization, "Night");
    repo::roles::put(tx, &mut role).await?;
    let mut boss = administrator(organization, &format!("boss{number}"), Some(RoleRef::Custom(role.id)));
    repo::administrators::put(tx, &mut boss).await?;
    repo::tokens::put(tx, &mut token(&boss, number)).await?;
    repo::sessions::open(tx, &session(&boss, number)).await?;
    let mut mail = server(organization, "Mail");
    repo::servers::put(tx, &mut mail).await?;
    let mut rules = suite(organization, "All");
    for published in 1..=2 {
        rules.published = Some(revision(published));
        repo::suites::put(tx, &mut rules).await?;
    }
    let mut anna = user(organization, "Anna");
    (anna.server, anna.suite) = (Some(mail.id), Some(rules.id));
    repo::users::put(tx, &mut anna).await?;
    let mut phone = device(&anna, counter::next_device_number(tx).await?);
    phone.suite = Some(rules.id);
    repo::devices::put(tx, &mut phone).await?;
    repo::access::put(tx, &mut access(organization, anna.id, phone.id)).await?;
    repo::commands::put(tx, &mut command(&phone, CommandKind::FullWipe, NOW)).await?;
    let mut done = command(&phone, CommandKind::PolicyRefresh, NOW + 1);
    done.state = CommandState::Acknowledged;
    repo::commands::put(tx, &mut done).await?;
    repo::presence::flush(tx, &[(phone.id, NOW + Millis::from(number))]).await?;
    assert!(repo::exchanges::put(tx, phone.id, &[number, 0, 255]).await?);
    let trace = Trace { user: anna.id, started_at: NOW, until: NOW + 60_000, started_by: "boss".into() };
    repo::traces::start(tx, &trace).await?;
    repo::traces::append(tx, anna.id, &[(NOW + 1, "Sync 200".into()), (NOW + 2, "Ping".into())]).await?;
    let call = IseCall {
        sequence: 0,
        at: NOW,
        account: "ise".into(),
        address: "192.0.2.7".into(),
        method: "GET".into(),
        target: "/ciscoise/mdminfo/".into(),
        status: 200,
        duration_us: 700,
        note: String::new(),
    };
    repo::ise_calls::append(tx, &[call]).await?;
    let unknown = UnknownMac { mac: "0026B424FEB4".into(), first_at: NOW, last_at: NOW + 1, count: 2 };
    repo::unknown_macs::merge(tx, &[unknown]).await
}

/// The database as SQL text, like the command-line tool's `.dump`.
fn dump(database: &Connection) -> String {
    let mut out = String::from("PRAGMA foreign_keys=OFF;\nBEGIN;\n");
    let mut schema = database
        .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .unwrap();
    let objects: Vec<(String, String, String)> = schema
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (kind, name, sql) in &objects {
        writeln!(out, "{sql};").unwrap();
        if kind == "table" {
            let rows = dump_rows(database, name);
            assert!(!rows.is_empty(), "the fixture has no row of {name}");
            out.push_str(&rows);
        }
    }
    out.push_str("COMMIT;\n");
    out
}

fn dump_rows(database: &Connection, table: &str) -> String {
    let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut out = String::new();
    while let Some(row) = rows.next().unwrap() {
        let values: Vec<String> = (0..columns).map(|column| literal(row.get_ref(column).unwrap())).collect();
        writeln!(out, "INSERT INTO {table} VALUES({});", values.join(",")).unwrap();
    }
    out
}

fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Text(text) => format!("'{}'", std::str::from_utf8(text).unwrap().replace('\'', "''")),
        ValueRef::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
        ValueRef::Real(_) => panic!("no table has floating-point numbers"),
    }
}
