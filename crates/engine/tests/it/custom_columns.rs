//! Custom columns: made, changed, removed; values through forms, files, the grid and exports.

use std::collections::BTreeMap;

use domain::model::{CustomColumnId, CustomKind, CustomScope, CustomValues};
use engine::custom_columns::{self, ColumnInput};
use engine::devices::{self, DeviceEdit, Filter, GridQuery, Sort};
use engine::export::Format;
use engine::imports::{self, Upload};
use engine::users::{self, UserInput, UserQuery};
use engine::{Error, Scope};

use crate::house::{House, houses, user};

fn input(name: &str, kind: CustomKind, scope: CustomScope) -> ColumnInput {
    ColumnInput {
        name: name.into(),
        help: String::new(),
        kind,
        scope,
        required: false,
        default: String::new(),
    }
}

async fn made(house: &House, scope: &Scope, input: ColumnInput) -> CustomColumnId {
    custom_columns::create(house, scope, input).await.unwrap()
}

fn fields<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid(issues)) => issues.into_iter().map(|i| i.field).collect(),
        other => panic!("{other:?}"),
    }
}

fn values(pairs: &[(CustomColumnId, &str)]) -> CustomValues {
    pairs.iter().map(|(id, value)| (*id, (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_column_is_the_organizations_own() {
    for house in houses().await {
        let (all, other) = (&house.acme.all, &house.globex.all);
        let id = made(&house, all, input("Cost centre", CustomKind::Number, CustomScope::User)).await;
        assert_eq!(custom_columns::list(&house, other).unwrap(), []);
        assert_eq!(custom_columns::get(&house, other, id), Err(Error::NotFound("custom column")));
        let foreign = custom_columns::remove(&house, other, id).await;
        assert_eq!(foreign, Err(Error::NotFound("custom column")));
        let twice = input("COST CENTRE", CustomKind::Text, CustomScope::User);
        assert_eq!(fields(custom_columns::create(&house, all, twice.clone()).await), ["name"]);
        // Users and devices have names of their own.
        made(&house, all, ColumnInput { scope: CustomScope::Device, ..twice }).await;
        for (bad, field) in [
            (input("a:b", CustomKind::Text, CustomScope::User), "name"),
            (input("", CustomKind::Text, CustomScope::User), "name"),
            (input("x", CustomKind::List(vec![]), CustomScope::User), "choices"),
            (input("x", CustomKind::List(vec!["A".into(), "a".into()]), CustomScope::User), "choices"),
            (
                ColumnInput { default: "soon".into(), ..input("x", CustomKind::Date, CustomScope::User) },
                "default",
            ),
        ] {
            assert_eq!(fields(custom_columns::create(&house, all, bad).await), [field]);
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn values_are_checked_kept_in_one_form_and_go_with_their_column() {
    for house in houses().await {
        let all = &house.acme.all;
        let number = made(&house, all, input("Cost centre", CustomKind::Number, CustomScope::User)).await;
        let date = made(&house, all, input("Contract ends", CustomKind::Date, CustomScope::User)).await;
        let with = |pairs: &[(CustomColumnId, &str)]| UserInput {
            custom: values(pairs),
            ..user("anna", "acme.test")
        };
        let anna = house.acme.anna.id;
        let bad = users::edit(&house, all, anna, with(&[(number, "many"), (date, "31.2.2026")])).await;
        assert_eq!(fields(bad), ["custom:Cost centre", "custom:Contract ends"]);
        users::edit(&house, all, anna, with(&[(number, "007"), (date, "1.2.2027")])).await.unwrap();
        let kept = |id| users::get(&house, all, anna).unwrap().custom.get(&id).cloned();
        assert_eq!((kept(number).as_deref(), kept(date).as_deref()), (Some("7"), Some("2027-02-01")));
        // Another kind would not fit what is there.
        let change = input("Cost centre", CustomKind::YesNo, CustomScope::User);
        assert_eq!(fields(custom_columns::edit(&house, all, number, change).await), ["kind"]);
        custom_columns::edit(&house, all, number, input("Cost center", CustomKind::Text, CustomScope::User))
            .await
            .unwrap();
        custom_columns::move_to(&house, all, date, 1).await.unwrap();
        assert_eq!(custom_columns::list(&house, all).unwrap()[0].id, date);
        custom_columns::remove(&house, all, number).await.unwrap();
        assert_eq!((kept(number), kept(date).is_some()), (None, true));
        let again = made(&house, all, input("Cost center", CustomKind::Number, CustomScope::User)).await;
        assert_eq!(kept(again), None, "a new column of an old name begins empty");
        // What must be filled in refuses by hand and by file, unless there is a default.
        let required =
            ColumnInput { required: true, ..input("Building", CustomKind::Text, CustomScope::User) };
        let building = made(&house, all, required.clone()).await;
        assert_eq!(fields(users::create(&house, all, user("bob", "acme.test")).await), ["custom:Building"]);
        let default = ColumnInput { default: "HQ".into(), ..required };
        custom_columns::edit(&house, all, building, default).await.unwrap();
        users::create(&house, all, user("bob", "acme.test")).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn the_grid_sorts_filters_and_exports_by_them() {
    for house in houses().await {
        let all = &house.acme.all;
        let list = CustomKind::List(vec!["Zurich".into(), "Bern".into()]);
        let site = made(&house, all, input("Site", list, CustomScope::Device)).await;
        let cost = made(&house, all, input("Cost", CustomKind::Number, CustomScope::User)).await;
        let mut phones = Vec::new();
        for (number, (place, value)) in [("bern", "10"), ("Zurich", "9"), ("", "100")].into_iter().enumerate()
        {
            let name = format!("u{number}");
            let custom = values(&[(cost, value)]);
            users::create(&house, all, UserInput { custom, ..user(&name, "acme.test") }).await.unwrap();
            let hello = crate::house::hello(&format!("PHONE{number}"), "16.1");
            let login = house.login(&house.acme, &name);
            let engine::eas::Admission::Device(device) =
                engine::eas::admit(&house, &login, &hello).await.unwrap()
            else {
                panic!("not admitted")
            };
            let edit = DeviceEdit { custom: values(&[(site, place)]), ..DeviceEdit::default() };
            devices::edit(&house, all, device.id, edit).await.unwrap();
            phones.push(device.id);
        }
        let order = |column: &str, descending| {
            let sort = Some(Sort { column: column.to_owned(), descending });
            let asked = GridQuery { sort, limit: 10, ..GridQuery::default() };
            let page = devices::grid(&house, all, &asked).unwrap();
            let place = |id| phones.iter().position(|p| *p == id).unwrap();
            page.rows.iter().map(|row| place(row.device.id)).collect::<Vec<_>>()
        };
        assert_eq!(order("custom:Cost", false), [1, 0, 2], "by size");
        assert_eq!(order(&cost.to_string(), true), [2, 0, 1], "by id as well");
        assert_eq!(order("custom:Site", false), [1, 0, 2], "in the order of the list, unknown last");
        let filters = vec![Filter::Contains("custom:Site".into(), "BERN".into())];
        let found =
            devices::grid(&house, all, &GridQuery { filters, limit: 10, ..GridQuery::default() }).unwrap();
        assert_eq!(found.rows.iter().map(|r| r.device.id).collect::<Vec<_>>(), [phones[0]]);
        let wanted = ["name".to_owned(), "custom:Site".to_owned(), cost.to_string()];
        let file = devices::export(&house, all, GridQuery::default(), &wanted, Format::Json).await.unwrap();
        let rows: Vec<BTreeMap<String, String>> = serde_json::from_slice(&file).unwrap();
        assert!(
            rows.iter().any(|row| row["custom:Site"] == "Bern" && row["custom:Cost"] == "10"),
            "{rows:?}"
        );
        let foreign = GridQuery {
            sort: Some(Sort { column: "custom:Cost".into(), descending: false }),
            limit: 1,
            ..GridQuery::default()
        };
        assert!(devices::grid(&house, &house.globex.all, &foreign).is_err(), "not a column of the other one");
        house.finish().await;
    }
}

#[tokio::test]
async fn an_exported_list_of_users_can_be_sent_back() {
    for house in houses().await {
        let all = &house.acme.all;
        let note = made(&house, all, input("Note", CustomKind::Text, CustomScope::User)).await;
        // The injection corpus through every field of text.
        for (number, evil) in [
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "<script>alert(1)</script>",
            "]]>",
            "*)(uid=*",
            "a\"b,c;d",
        ]
        .into_iter()
        .enumerate()
        {
            let input = UserInput {
                display_name: evil.into(),
                first_name: evil.into(),
                last_name: evil.into(),
                custom: values(&[(note, evil)]),
                ..user(&format!("u{number}"), "acme.test")
            };
            users::create(&house, all, input).await.unwrap();
        }
        let csv = users::export(&house, all, &UserQuery::default(), Format::Csv).await.unwrap();
        let text = String::from_utf8(csv.clone()).unwrap();
        let mut reader =
            csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell} would be run");
            }
        }
        let upload = Upload { bytes: csv, ..Upload::default() };
        let import = imports::check(&house, all, upload).await.unwrap();
        assert_eq!(import.foreseen.same, 9, "{:?} {:?}", import.foreseen, import.issues);
        let book = users::export(&house, all, &UserQuery::default(), Format::Xlsx).await.unwrap();
        assert!(book.starts_with(b"PK"));
        let sheet = sheet(&book);
        assert!(!sheet.contains("<f>") && !sheet.contains("<script>"), "no formula, no markup: {sheet}");
        assert!(sheet.contains("=cmd|"), "the text is there");
        roxmltree::Document::parse(&sheet).unwrap();
        let json = users::export(
            &house,
            all,
            &UserQuery { text: "u0".into(), ..UserQuery::default() },
            Format::Json,
        )
        .await
        .unwrap();
        let rows: Vec<BTreeMap<String, String>> = serde_json::from_slice(&json).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["custom:Note"], "=cmd|' /C calc'!A0");
        house.finish().await;
    }
}

/// The XML of the first sheet.
fn sheet(book: &[u8]) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}
