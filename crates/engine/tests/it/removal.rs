//! Removing an organization: it leaves memory at once and the store soon, and nothing that was its own is left in any
//! file or table.

use domain::model::{Organization, OrganizationId, RoleRef};
use engine::administrators::NewAdministrator;
use engine::organizations::{self, OrganizationEdit, Removal};
use engine::{Error, administrators, sign_in, users};
use store::Location;

use crate::house::{HOUR, House, PASSWORD, houses, open, user};

/// What must not be found anywhere after it.
const CANARY: &str = "Xanthippe7Canary";

async fn disable(house: &House, id: OrganizationId, enabled: bool) {
    let edit = OrganizationEdit { enabled: Some(enabled), ..OrganizationEdit::default() };
    let system = sign_in::command_line(Organization::SYSTEM);
    organizations::edit(house, &system, id, edit).await.unwrap();
}

fn typed(slug: &str) -> Removal {
    Removal { slug: slug.into(), code: String::new() }
}

/// Everything that is stored: the files of the data directory, or every row as text.
async fn stored(house: &House) -> Vec<u8> {
    match &house.database().options().location {
        Location::Sqlite(directory) => {
            let mut all = Vec::new();
            for file in std::fs::read_dir(directory).unwrap() {
                all.extend(std::fs::read(file.unwrap().path()).unwrap_or_default());
            }
            all
        }
        Location::Postgres(_) => {
            let tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()";
            let read = async move |tx: &mut store::Tx| {
                let mut all = Vec::new();
                for table in tx.fetch(tables, &[]).await? {
                    let sql = format!("SELECT t::text FROM {} t", table.text(0)?);
                    for row in tx.fetch(Box::leak(sql.into_boxed_str()), &[]).await? {
                        all.extend(row.text(0)?.into_bytes());
                    }
                }
                Ok::<_, store::StoreError>(all)
            };
            house.database().read(Organization::SYSTEM, read).await.unwrap()
        }
    }
}

fn holds(all: &[u8], text: &str) -> bool {
    all.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Fills acme with what an organization has, each with the canary in it, and changes it, so that old versions of rows
/// lie about.
async fn live(house: &House) {
    let all = &house.acme.all;
    let full = RoleRef::Predefined("full".into());
    house.administrator(&house.acme, &format!("boss{CANARY}").to_lowercase(), full).await;
    house.settings(&house.acme, |settings| settings.contact = format!("Ask {CANARY}")).await;
    for number in 0..40 {
        let mut input = user(&format!("user{number}"), "acme.test");
        input.display_name = format!("{CANARY} {number}");
        let made = users::create(house, all, input.clone()).await.unwrap();
        input.display_name = format!("{CANARY} married {number}");
        users::edit(house, all, made.id, input).await.unwrap();
        if number % 3 == 0 {
            users::remove(house, all, made.id, false).await.unwrap();
        }
    }
    for number in 0..6 {
        house.provisioned(&house.acme, &format!("{CANARY}{number}")).await;
    }
    let texts = [("en".to_owned(), format!("Be nice to {CANARY}."))].into();
    let input = engine::terms::TermsInput {
        texts,
        main_language: "en".into(),
        changes: String::new(),
        accept_again: true,
        liability: None,
    };
    engine::terms::draft(house, all, input).await.unwrap();
    house.clock.advance(HOUR);
}

#[tokio::test]
async fn nothing_of_a_removed_organization_is_left_anywhere() {
    for house in houses().await {
        house.without_a_limit().await;
        live(&house).await;
        let (phone, _) = house.provisioned(&house.globex, "KEPT1").await;
        assert!(holds(&stored(&house).await, CANARY), "a search that cannot find is no proof");
        let system = sign_in::command_line(Organization::SYSTEM);
        let id = house.acme.id;
        let early = organizations::remove(&house, &system, id, &typed("acme")).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "it is enabled: {early:?}");
        disable(&house, id, false).await;
        let wrong = organizations::remove(&house, &system, id, &typed("globex")).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
        organizations::remove(&house, &system, id, &typed("acme")).await.unwrap();
        assert!(house.directory().organization(id).is_none() && house.directory().by_slug("acme").is_none());
        assert_eq!(house.directory().administrators(id).len(), 0);
        let again = organizations::remove(&house, &system, id, &typed("acme")).await;
        assert_eq!(again, Err(Error::NotFound("organization")));
        // A restart before its rows are gone does not bring it back.
        let engine = open(house.database(), &house.clock).await;
        assert!(engine.directory().organization(id).is_none());
        organizations::tick(&house).await.unwrap();
        let left = stored(&house).await;
        assert!(!holds(&left, CANARY), "in a file or table");
        assert!(!holds(&left, &CANARY.to_lowercase()), "in a name that is compared in lower case");
        assert!(holds(&left, "KEPT1"), "the other organization is whole");
        assert_eq!(house.device(phone.id).id, phone.id);
        let told = house.journal(Organization::SYSTEM).await;
        let of_it =
            |event: &str| told.iter().filter(|(e, subject)| e == event && *subject == id.to_string()).count();
        assert_eq!((of_it("organization.removal_ordered"), of_it("organization.deleted")), (1, 1));
        let report = store::verify_journal(house.database()).await.unwrap();
        assert!(report.problems.is_empty(), "{report}");
        organizations::tick(&house).await.unwrap();
        // The short name is free again.
        let new = organizations::NewOrganization {
            slug: "acme".into(),
            name: "Acme".into(),
            mail_domains: vec!["acme.test".into()],
            login_domains: Vec::new(),
            host_names: Vec::new(),
        };
        assert_ne!(organizations::create(&house, &system, new).await.unwrap().id, id);
    }
}

#[tokio::test]
async fn only_a_system_administrator_with_a_second_factor_removes() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let denied = organizations::remove(&house, &boss, house.acme.id, &typed("acme")).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        disable(&house, house.acme.id, false).await;
        let system = sign_in::command_line(Organization::SYSTEM);
        let new = NewAdministrator {
            username: "root".into(),
            role: Some(RoleRef::Predefined("full".into())),
            password: PASSWORD.into(),
            ..NewAdministrator::default()
        };
        administrators::create(&house, &system, new).await.unwrap();
        let root = house.signed_in("root").await;
        let without = organizations::remove(&house, &root, house.acme.id, &typed("acme")).await;
        assert!(matches!(without, Err(Error::Denied(_))), "{without:?}");
        let secret = house.second_factor(&root).await;
        let wrong = Removal { slug: "acme".into(), code: "000000".into() };
        let wrong = organizations::remove(&house, &root, house.acme.id, &wrong).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
        house.clock.advance(60_000);
        let right = Removal { slug: "acme".into(), code: house.code(&secret) };
        organizations::remove(&house, &root, house.acme.id, &right).await.unwrap();
        assert!(house.directory().organization(house.acme.id).is_none());
    }
}
