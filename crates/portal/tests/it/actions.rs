//! What users do: it happens, is journaled as theirs, asks for the password where it destroys, and stops where the
//! organization has switched it off.

use catalog::{SELF_SERVICE, SelfService};
use domain::model::{CommandState, DeviceState, WipeKind};
use engine::commands::{self, Order};
use engine::journal::{self, JournalQuery};
use engine::sign_in;

use crate::house::{House, PASSWORD, fields, houses};

async fn events(house: &House, device: &domain::model::Device) -> Vec<(String, String)> {
    let query = JournalQuery { subject: device.id.to_string(), limit: Some(100), ..JournalQuery::default() };
    let all = house.all(device.organization);
    let rows = journal::page(&house.engine, &all, query).await.unwrap();
    rows.into_iter().map(|row| (row.event, row.actor)).collect()
}

#[tokio::test]
async fn a_lost_device_is_shut_out_and_found_again_by_its_user_alone() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let anna = house.sign_in("anna@acme.test").await;
        let path = format!("/portal/devices/{}", device.id);
        let page = anna.post(&format!("{path}/lost"), &[]).await;
        assert_eq!(page.location, format!("{path}?done=lost"), "{}", page.body);
        assert!(house.device(&device).unwrap().block.is_some());
        let page = anna.get(&page.location).await;
        assert!(page.body.contains("You have reported this device lost"), "{}", page.body);
        assert_eq!(anna.post(&format!("{path}/lost"), &[]).await.status, 409, "once is enough");
        assert!(
            events(&house, &device).await.iter().any(|(event, actor)| {
                event == "device.reported_lost" && actor.starts_with("user anna (")
            })
        );
        let page = anna.post(&format!("{path}/found"), &[]).await;
        assert_eq!(page.status, 303, "{}", page.body);
        assert!(house.device(&device).unwrap().block.is_none());

        // What an administrator has blocked stays blocked.
        let order =
            Order { device: device.id, kind: catalog::CommandKind::Block, note: "Ask <Mara> & come".into() };
        commands::order(&house.engine, &house.all(house.acme), order).await.unwrap();
        assert_eq!(anna.post(&format!("{path}/found"), &[]).await.status, 409);
        let page = anna.get(&path).await;
        assert!(page.body.contains("Ask &#60;Mara&#62; &#38; come"), "{}", page.body);
        assert!(house.device(&device).unwrap().block.is_some());
    }
}

#[tokio::test]
async fn what_destroys_asks_for_the_password_again() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let anna = house.sign_in("anna@acme.test").await;
        let path = format!("/portal/devices/{}", device.id);
        for act in ["wipe", "erase"] {
            for wrong in ["", "not it", "a password of theirs "] {
                let page = anna.post(&format!("{path}/{act}"), &[("password", wrong)]).await;
                assert_eq!(page.status, 422, "{}", page.body);
                assert!(page.body.contains("This is not your password"));
                assert!(wrong.is_empty() || !page.body.contains(wrong), "what was typed is not shown");
            }
            house.clock.advance(16 * 60_000);
        }
        assert!(house.device(&device).unwrap().eas().unwrap().eas.wipe.is_none());
        let page = anna.post(&format!("{path}/wipe"), &[("password", PASSWORD)]).await;
        assert_eq!(page.location, format!("{path}?done=wiping"), "{}", page.body);
        let wipe = house.device(&device).unwrap().eas().unwrap().eas.wipe.clone().unwrap();
        assert_eq!(wipe.kind, WipeKind::Account);
        let command = commands::get(&house.engine, &house.all(house.acme), wipe.command).await.unwrap();
        assert_eq!(command.state, CommandState::Queued);
        assert_eq!(command.origin, domain::model::Origin::Portal);
        assert!(command.ordered_by.to_string().starts_with("user anna ("));
        let page = anna.get(&path).await;
        assert!(page.body.contains("Company data is being removed"));

        // Too many wrong ones stop it, as at the sign-in.
        let other = house.phone("anna@acme.test", "A2").await;
        let erase = format!("/portal/devices/{}/erase", other.id);
        for _ in 0..5 {
            assert_eq!(anna.post(&erase, &[("password", "guess")]).await.status, 422);
        }
        assert_eq!(anna.post(&erase, &[("password", PASSWORD)]).await.status, 429);
    }
}

#[tokio::test]
async fn a_name_is_changed_and_a_silent_device_leaves_the_list() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let anna = house.sign_in("anna@acme.test").await;
        let path = format!("/portal/devices/{}", device.id);
        let long = "x".repeat(101);
        for wrong in ["", "   ", long.as_str()] {
            assert_eq!(anna.post(&format!("{path}/rename"), &[("name", wrong)]).await.status, 422);
        }
        assert_eq!(anna.post(&format!("{path}/rename"), &[("name", " My phone ")]).await.status, 303);
        assert_eq!(house.device(&device).unwrap().name, "My phone");
        assert_eq!(anna.post(&format!("{path}/remove"), &[]).await.status, 409, "it is in use");
        house.clock.advance(31 * 86_400_000);
        let anna = house.sign_in("anna@acme.test").await;
        let page = anna.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(page.location, "/portal?done=removed", "{}", page.body);
        assert!(house.device(&device).is_none());
        assert!(events(&house, &device).await.iter().any(|(event, _)| event == "device.deleted"));
    }
}

#[tokio::test]
async fn what_is_switched_off_is_neither_shown_nor_done() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let path = format!("/portal/devices/{}", device.id);
        for entry in SELF_SERVICE {
            let what = entry.what;
            house.settings(house.acme, |s| s.self_service_off = [what].into()).await;
            let anna = match what {
                SelfService::Portal => {
                    let form = fields(&[("name", "anna@acme.test"), ("password", PASSWORD)]);
                    let page = house.send(http::Method::POST, "/portal/sign-in", &[], form).await;
                    let cookie = page.cookie(door::USER_COOKIE).unwrap();
                    let cookie = format!("{}={cookie}", door::USER_COOKIE);
                    let headers = [("cookie", cookie.as_str())];
                    let list = house.send(http::Method::GET, "/portal", &headers, String::new()).await;
                    assert_eq!(list.status, 403);
                    continue;
                }
                _ => house.sign_in("anna@acme.test").await,
            };
            let page = anna.get(&path).await;
            assert_eq!(page.status, 200);
            let offers = |piece: &str| page.body.contains(piece);
            let (shown, answer) = match what {
                SelfService::Enrol => (offers("\"/enroll\""), anna.get("/enroll/device").await),
                SelfService::Diary => (offers("/diary\""), anna.get(&format!("{path}/diary")).await),
                SelfService::Rename => {
                    (offers("/rename\""), anna.post(&format!("{path}/rename"), &[("name", "x")]).await)
                }
                SelfService::ReportLost => (offers("/lost\""), anna.post(&format!("{path}/lost"), &[]).await),
                SelfService::AccountWipe => {
                    (offers("/wipe\""), anna.post(&format!("{path}/wipe"), &[("password", PASSWORD)]).await)
                }
                SelfService::FullWipe => {
                    (offers("/erase\""), anna.post(&format!("{path}/erase"), &[("password", PASSWORD)]).await)
                }
                SelfService::StopManaging => {
                    (offers("/remove\""), anna.post(&format!("{path}/remove"), &[]).await)
                }
                SelfService::Password => {
                    let form = [("password", PASSWORD), ("new_password", "another one of theirs")];
                    let shown = anna.get("/portal/account").await.body.contains("/portal/account/password");
                    (shown, anna.post("/portal/account/password", &form).await)
                }
                SelfService::Portal => unreachable!("is above"),
            };
            assert!(!shown, "{} is shown", entry.key);
            assert_eq!(answer.status, 403, "{}: {}", entry.key, answer.body);
            assert!(answer.body.contains("does not offer this"), "{}", entry.key);
        }
        let now = house.device(&device).unwrap();
        assert_eq!((&now.name, now.state, now.block.is_some()), (&device.name, DeviceState::Enrolled, false));
        assert!(now.eas().unwrap().eas.wipe.is_none());
        // The other organization is not asked.
        house.phone("anna@globex.test", "A1").await;
        assert_eq!(house.sign_in("anna@globex.test").await.get("/enroll/device").await.status, 200);
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    for house in houses().await {
        let (here, there) = (house.sign_in("anna@acme.test").await, house.sign_in("anna@acme.test").await);
        let page = here.get("/portal/account").await;
        assert!(page.body.contains("this one") && page.body.contains("End all others"));
        let form = [("password", PASSWORD), ("new_password", "another one of theirs")];
        let page = here.post("/portal/account/password", &form).await;
        assert_eq!(page.location, "/portal/account?done=password", "{}", page.body);
        assert_eq!(here.get("/portal").await.status, 200);
        assert_eq!(there.get("/portal").await.status, 303);
        let page = here.post("/portal/sign-out", &[]).await;
        assert_eq!(page.cookie(door::USER_COOKIE).as_deref(), Some(""));
        assert_eq!(here.get("/portal").await.status, 303, "the session is over, not only the cookie");
        assert!(sign_in::needs_setup(&house.engine));
    }
}

#[tokio::test]
async fn the_terms_are_accepted_before_a_device_is_enrolled() {
    for house in houses().await {
        house.phone("anna@acme.test", "A1").await;
        house.phone("anna@globex.test", "A1").await;
        let (anna, other) = (house.sign_in("anna@acme.test").await, house.sign_in("anna@globex.test").await);
        let none = anna.get("/portal/terms").await;
        assert!(none.body.contains("no terms of use for you"), "{}", none.body);
        let texts = [("en", "Be <b>nice</b>.\n\nAlways."), ("de", "Seid nett.")];
        let input = engine::terms::TermsInput {
            texts: texts.map(|(tag, text)| (tag.to_owned(), text.to_owned())).into(),
            main_language: "en".into(),
            changes: String::new(),
            accept_again: true,
            liability: None,
        };
        let all = house.all(house.acme);
        let draft = engine::terms::draft(&house.engine, &all, input).await.unwrap();
        engine::terms::publish(&house.engine, &all, draft).await.unwrap();
        assert!(anna.get("/portal").await.body.contains("href=\"/portal/terms\""), "every page says so");
        assert!(!other.get("/portal").await.body.contains("/portal/terms"), "another organization has none");
        let enrol = anna.get("/enroll/device").await;
        assert_eq!((enrol.status, enrol.location.as_str()), (303, "/portal/terms?next=/enroll/device"));
        assert_eq!(other.get("/enroll/device").await.status, 200);
        let page = anna.get(&enrol.location).await;
        assert!(page.body.contains("Be &#60;b&#62;nice&#60;/b&#62;."), "{}", page.body);
        assert!(anna.in_language("/portal/terms", "de").await.body.contains("Seid nett."));
        let old = anna.post("/portal/terms", &[("version", "7"), ("next", "/enroll/device")]).await;
        assert_eq!(old.status, 409, "not what is in force: {}", old.body);
        let form = [("version", "1"), ("language", "en"), ("next", "/enroll/device")];
        let accepted = anna.post("/portal/terms", &form).await;
        assert_eq!(
            (accepted.status, accepted.location.as_str()),
            (303, "/enroll/device"),
            "{}",
            accepted.body
        );
        assert_eq!(anna.get("/enroll/device").await.status, 200);
        let page = anna.get("/portal/terms").await;
        assert!(page.body.contains("What you accepted") && !page.body.contains("I accept"), "{}", page.body);
    }
}
