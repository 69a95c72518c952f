//! The list of users: filters, order, columns, export, and views that are kept of it.

use domain::model::{CustomKind, CustomScope, GroupSettings, UserState, ViewList};
use engine::custom_columns::{self, ColumnInput};
use engine::devices::Sort;
use engine::export::Format;
use engine::users::{self, UserInput, UserQuery};
use engine::views::{self, ViewInput};
use engine::{Error, Scope};

use crate::groups::{group, join};
use crate::house::{House, houses, user};

fn asked(filters: &[(&str, &str)], sort: Option<(&str, bool)>) -> UserQuery {
    UserQuery {
        filters: filters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        sort: sort.map(|(column, descending)| Sort { column: column.into(), descending }),
        limit: 500,
        ..UserQuery::default()
    }
}

async fn names(house: &House, scope: &Scope, query: &UserQuery) -> Vec<String> {
    let page = users::grid(house, scope, query).await.unwrap();
    assert_eq!(page.total, page.rows.len());
    page.rows.iter().map(|user| user.username.clone()).collect()
}

#[tokio::test]
async fn users_are_filtered_and_sorted_by_what_is_shown_of_them() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let all = &acme.all;
        let age = ColumnInput {
            name: "Desk".into(),
            help: String::new(),
            kind: CustomKind::Number,
            scope: CustomScope::User,
            required: false,
            default: String::new(),
        };
        let desk = custom_columns::create(&house, all, age).await.unwrap();
        for (name, number, state) in [
            ("bob", "9", UserState::Active),
            ("carl", "10", UserState::Disabled),
            ("dora", "", UserState::Active),
        ] {
            let mut input = UserInput { state: Some(state), ..user(name, "acme.test") };
            if !number.is_empty() {
                input.custom.insert(desk, number.into());
            }
            users::create(&house, all, input).await.unwrap();
        }
        house.provisioned(acme, "PHONE1").await;
        let sales = group(&house, acme, "Sales", GroupSettings::default()).await;
        let bob = users::list(&house, all, "bob", None, 1).unwrap().remove(0).id;
        join(&house, acme, sales, &[acme.anna.id, bob]).await;
        let sales = sales.to_string();
        for (filters, expected) in [
            (vec![], vec!["anna", "bob", "carl", "dora"]),
            (vec![("state", "disabled")], vec!["carl"]),
            (vec![("state", "disabled"), ("state", "active")], vec!["anna", "bob", "carl", "dora"]),
            (vec![("devices", "some")], vec!["anna"]),
            (vec![("devices", "none"), ("state", "active")], vec!["bob", "dora"]),
            (vec![("group", sales.as_str())], vec!["anna", "bob"]),
            (vec![("group", sales.as_str()), ("devices", "none")], vec!["bob"]),
            (vec![("letter", "never")], vec!["anna", "bob", "carl", "dora"]),
            (vec![("letter", "sent")], vec![]),
            (vec![("source", "by_hand")], vec!["anna", "bob", "carl", "dora"]),
            (vec![("source", "hands_off")], vec![]),
        ] {
            assert_eq!(names(&house, all, &asked(&filters, None)).await, expected, "{filters:?}");
        }
        let key = desk.to_string();
        for (column, descending, expected) in [
            ("username", true, ["dora", "carl", "bob", "anna"]),
            ("devices", true, ["anna", "bob", "carl", "dora"]),
            ("state", false, ["anna", "bob", "dora", "carl"]),
            // As numbers, and what nobody entered is last whichever way round.
            (key.as_str(), false, ["bob", "carl", "anna", "dora"]),
            (key.as_str(), true, ["carl", "bob", "anna", "dora"]),
        ] {
            assert_eq!(
                names(&house, all, &asked(&[], Some((column, descending)))).await,
                expected,
                "{column}"
            );
        }
        for query in [
            asked(&[("state", "asleep")], None),
            asked(&[("shoe", "42")], None),
            asked(&[], Some(("letter", false))),
        ] {
            assert!(matches!(users::grid(&house, all, &query).await, Err(Error::Invalid(_))), "{query:?}");
        }
        let second = UserQuery { offset: 2, limit: 1, ..asked(&[], None) };
        let page = users::grid(&house, all, &second).await.unwrap();
        assert_eq!((page.total, page.rows[0].username.as_str()), (4, "carl"));
        assert_eq!(names(&house, &globex.all, &asked(&[], None)).await, ["anna"]);
        assert!(names(&house, &globex.all, &asked(&[("group", &sales)], None)).await.is_empty());
        let file =
            users::export(&house, all, &asked(&[("state", "disabled")], None), Format::Csv).await.unwrap();
        let file = String::from_utf8(file).unwrap();
        assert!(file.contains("carl") && !file.contains("bob"), "what is shown is what is exported: {file}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_view_of_users_knows_their_columns_and_filters_only() {
    for house in houses().await {
        let boss =
            house.administrator(&house.acme, "boss", domain::model::RoleRef::Predefined("full".into())).await;
        let view = |list, filters: &[(&str, &str)], columns: &[&str]| ViewInput {
            name: format!("View of {list:?}"),
            list,
            filters: asked(filters, None).filters,
            sort: "-email".into(),
            columns: columns.iter().map(|key| (*key).to_owned()).collect(),
            ..ViewInput::default()
        };
        let good = view(ViewList::Users, &[("devices", "none")], &["name", "email", "source"]);
        let made = views::create(&house, &boss, good.clone()).await.unwrap();
        assert_eq!(made.list, ViewList::Users);
        for wrong in [
            view(ViewList::Users, &[("platform", "ios")], &[]),
            view(ViewList::Users, &[], &["os_version"]),
            view(ViewList::Devices, &[("devices", "none")], &[]),
        ] {
            assert!(
                matches!(views::create(&house, &boss, wrong.clone()).await, Err(Error::Invalid(_))),
                "{wrong:?}"
            );
        }
        // The list never changes.
        let moved = ViewInput { list: ViewList::Devices, ..good };
        let after = views::edit(&house, &boss, made.id, None, moved).await.unwrap();
        assert_eq!(after.list, ViewList::Users);
        let foreign = house
            .administrator(&house.globex, "boss2", domain::model::RoleRef::Predefined("full".into()))
            .await;
        assert!(views::list(&house, &foreign).await.unwrap().is_empty());
        house.finish().await;
    }
}
