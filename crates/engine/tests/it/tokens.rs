use catalog::{Permission, Powers};
use domain::model::{Organization, RoleRef};
use engine::administrators::{self, AdministratorEdit};
use engine::roles::{self, RoleInput};
use engine::sign_in::{self, scope_of_token};
use engine::tokens::{self, NewToken};
use engine::{Error, Scope, devices};

use crate::house::{House, PASSWORD, caller, home, houses};

const DAY: i64 = 86_400_000;

fn new(powers: &[Permission], days: u32) -> NewToken {
    NewToken { name: "script".into(), powers: Powers::of(powers), days, code: String::new() }
}

async fn scope(house: &House, secret: &str) -> Result<Scope, Error> {
    scope_of_token(house, secret, home()).await
}

#[tokio::test]
async fn a_token_never_does_more_than_its_owner_may_now() {
    for house in houses().await {
        let role =
            house.role(&house.acme, "Mixed", &[Permission::DevicesView, Permission::DevicesBlock]).await;
        let owner = house.administrator(&house.acme, "mixed", role.clone()).await;
        let too_much = tokens::create(&house, &owner, new(&[Permission::DevicesFullWipe], 7)).await;
        assert!(matches!(too_much, Err(Error::Denied(_))), "{too_much:?}");
        let both = [Permission::DevicesView, Permission::DevicesBlock];
        let (_, secret) = tokens::create(&house, &owner, new(&both, 7)).await.unwrap();
        assert_eq!(scope(&house, &secret).await.unwrap().powers(), &Powers::of(&both));

        let RoleRef::Custom(id) = role else { panic!("a custom role") };
        let less = RoleInput { name: "Mixed".into(), powers: Powers::of(&[Permission::DevicesView]) };
        roles::edit(&house, &house.acme.all, id, less).await.unwrap();
        let now = scope(&house, &secret).await.unwrap();
        assert_eq!(now.powers(), &Powers::of(&[Permission::DevicesView]), "at once");

        let admin = owner.administrator().unwrap().id;
        let off = AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() };
        administrators::edit(&house, &house.acme.all, admin, off).await.unwrap();
        assert_eq!(scope(&house, &secret).await.err(), Some(Error::Unauthenticated));
        assert!(!house.journal_text(house.acme.id).await.contains(&secret));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_token_ends_by_time_by_revocation_and_with_its_owner() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let read = [Permission::DevicesView];
        let (_, short) = tokens::create(&house, &boss, new(&read, 1)).await.unwrap();
        let (revoked_id, revoked) = tokens::create(&house, &boss, new(&read, 9)).await.unwrap();
        let (_, orphan) = tokens::create(&house, &boss, new(&read, 9)).await.unwrap();
        for days in [0, 731] {
            let outcome = tokens::create(&house, &boss, new(&read, days)).await;
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{days}");
        }
        let stranger =
            house.administrator(&house.globex, "stranger", RoleRef::Predefined("full".into())).await;
        let foreign = tokens::revoke(&house, &stranger, revoked_id).await;
        assert_eq!(foreign, Err(Error::NotFound("token")), "another organization's does not exist");
        let weak = house.administrator(&house.acme, "weak", RoleRef::Predefined("help_desk".into())).await;
        assert_eq!(tokens::revoke(&house, &weak, revoked_id).await, Err(Error::NotFound("token")));

        tokens::revoke(&house, &boss, revoked_id).await.unwrap();
        assert_eq!(scope(&house, &revoked).await.err(), Some(Error::Unauthenticated));
        house.clock.advance(DAY);
        assert_eq!(scope(&house, &short).await.err(), Some(Error::Unauthenticated));
        assert!(scope(&house, &orphan).await.is_ok());
        let id = boss.administrator().unwrap().id;
        administrators::remove(&house, &house.acme.all, id).await.err().unwrap();
        house.administrator(&house.acme, "heir", RoleRef::Predefined("full".into())).await;
        administrators::remove(&house, &house.acme.all, id).await.unwrap();
        assert_eq!(scope(&house, &orphan).await.err(), Some(Error::Unauthenticated));
        assert_eq!(scope(&house, "nmdm_made_up").await.err(), Some(Error::Unauthenticated));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_token_made_with_a_token_does_not_outlive_it() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let (_, first) = tokens::create(&house, &boss, new(&[Permission::DevicesView], 2)).await.unwrap();
        let through = scope(&house, &first).await.unwrap();
        let (_, second) =
            tokens::create(&house, &through, new(&[Permission::DevicesView], 730)).await.unwrap();
        assert!(scope(&house, &second).await.is_ok());
        house.clock.advance(2 * DAY);
        assert_eq!(scope(&house, &second).await.err(), Some(Error::Unauthenticated));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_token_sees_its_organization_only_also_that_of_a_system_administrator() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let token = sign_in::setup_token(&house).await.unwrap();
        let (session, _) =
            sign_in::create_first_administrator(&house, &token, "root", PASSWORD, &caller("192.0.2.1"))
                .await
                .unwrap();
        let root = sign_in::scope_of_session(&house, &session, home()).await.unwrap();
        let (_, nowhere) = tokens::create(&house, &root, new(&[Permission::DevicesView], 7)).await.unwrap();
        let nowhere = scope(&house, &nowhere).await.unwrap();
        assert_eq!(nowhere.organization(), Organization::SYSTEM);
        assert_eq!(devices::get(&house, &nowhere, phone.id).err(), Some(Error::NotFound("organization")));
        sign_in::switch_organization(&house, &root, Some(house.globex.id)).await.unwrap();
        let root = sign_in::scope_of_session(&house, &session, home()).await.unwrap();
        let (_, secret) = tokens::create(&house, &root, new(&[Permission::DevicesView], 7)).await.unwrap();
        let there = scope(&house, &secret).await.unwrap();
        assert_eq!(there.organization(), house.globex.id);
        assert_eq!(devices::get(&house, &there, phone.id).err(), Some(Error::NotFound("device")));
        assert!(!there.is_system_administrator(), "a part of the powers is not the whole person");
        assert!(there.at_installation().is_err());
        let told = house.journal(house.globex.id).await;
        assert!(told.iter().any(|(event, _)| event == "token.created"), "it is told where it acts");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_token_ends_when_its_owners_password_role_or_state_changes() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let owner = house.administrator(&house.acme, "owner", RoleRef::Predefined("full".into())).await;
        let other = house.administrator(&house.globex, "other", RoleRef::Predefined("full".into())).await;
        let read = [Permission::DevicesView];
        let (_, foreign) = tokens::create(&house, &other, new(&read, 9)).await.unwrap();
        let id = owner.administrator().unwrap().id;
        let make = async || {
            let signed_in = house.directory().administrator(id).unwrap();
            assert!(signed_in.enabled);
            tokens::create_for(&house, &house.acme.all, "owner", 9).await.unwrap().1
        };
        let edit =
            async |edit: AdministratorEdit| administrators::edit(&house, &boss, id, edit).await.unwrap();
        let enabled = |on| AdministratorEdit { enabled: Some(on), ..AdministratorEdit::default() };
        let role = |key: &str| AdministratorEdit {
            role: Some(Some(RoleRef::Predefined(key.into()))),
            ..AdministratorEdit::default()
        };
        let over = async |secret: &str, why: &str| {
            assert_eq!(scope(&house, secret).await.err(), Some(Error::Unauthenticated), "{why}");
        };

        let secret = make().await;
        let (_, used) = tokens::create(&house, &owner, new(&read, 9)).await.unwrap();
        let through = scope(&house, &used).await.unwrap();
        let chosen = "a password of my own";
        sign_in::change_own_password(&house, &through, PASSWORD, chosen).await.unwrap();
        over(&secret, "the owner chose another password").await;
        assert!(scope(&house, &used).await.is_ok(), "but for the one that it was changed with");
        assert_eq!(tokens::list(&house, &through).unwrap().len(), 1, "what is over is not listed");

        let secret = make().await;
        administrators::reset_password(&house, &boss, id, PASSWORD).await.unwrap();
        over(&secret, "it was reset by another").await;
        over(&used, "that one, too").await;
        let secret = make().await;
        edit(enabled(false)).await;
        edit(enabled(true)).await;
        over(&secret, "the account was disabled meanwhile").await;
        let secret = make().await;
        edit(role("read_only")).await;
        over(&secret, "the role was taken").await;
        let secret = make().await;
        let cosmetic = AdministratorEdit { display_name: Some("O".into()), ..AdministratorEdit::default() };
        edit(cosmetic).await;
        assert!(scope(&house, &secret).await.is_ok(), "a name changes nothing");
        assert!(scope(&house, &foreign).await.is_ok(), "nobody else's ended");
        let anew = crate::house::open(house.database(), &house.clock).await;
        assert!(scope_of_token(&anew, &secret, home()).await.is_ok(), "the same after a start");
        assert_eq!(scope_of_token(&anew, &used, home()).await.err(), Some(Error::Unauthenticated));
        house.finish().await;
    }
}
