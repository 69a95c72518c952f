//! Letters: written in the reader's language, sent once, sealed while they wait; what became of them is known; nobody
//! writes to the neighbour's people.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::{LetterKind, Permission};
use domain::letter::Template;
use domain::model::{LetterState, Mail, MailState, Organization, OrganizationId, User, UserId, UserState};
use engine::enrollment::{self, Refusal};
use engine::groups::{self, GroupInput};
use engine::imports::{self, Upload};
use engine::letters::{self, Audience, LetterFilter, Order, SettingsInput};
use engine::mail;
use engine::sign_in;
use engine::users::{self, UserInput};
use engine::{Error, Scope};
use store::Tx;

use crate::house::{House, Tenant, caller, houses};
use crate::mail::{Relay, input, relay};

/// A house whose mail goes to a server that takes everything.
async fn with_mail(house: &House) -> Relay {
    house.engine.is_reached_at("https://mdm.example.test");
    house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    let relay = relay().await;
    let system = sign_in::command_line(Organization::SYSTEM);
    mail::edit_server(house, &system, None, input(relay.port)).await.unwrap();
    relay
}

async fn user(house: &House, tenant: &Tenant, name: &str, welcome: bool) -> Arc<User> {
    let input = UserInput {
        username: name.into(),
        email: format!("{name}@{}", tenant.domain),
        first_name: "Eva\r\nBcc: all@evil.test".into(),
        ..UserInput::default()
    };
    users::create_and(house, &tenant.all, input, welcome).await.unwrap()
}

/// Mails of an organization with their bodies as they stand in the store.
async fn queue(house: &House, organization: OrganizationId) -> Vec<Mail> {
    let read = async |tx: &mut Tx| store::repo::mail::log(tx, None, 500).await;
    house.database().read(organization, read).await.unwrap()
}

async fn all_sent(house: &House, organization: OrganizationId, count: usize) {
    let begun = Instant::now();
    loop {
        let mails = queue(house, organization).await;
        if mails.len() == count && mails.iter().all(|mail| mail.state == MailState::Sent) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{mails:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A mail as it came, without the marks of its encoding.
fn decoded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=").replace("=0A", "\n")
}

fn code_in(mail: &str) -> String {
    decoded(mail).split_once("/enroll?token=").unwrap().1.chars().take(19).collect()
}

async fn state(house: &House, tenant: &Tenant, user: UserId) -> Option<LetterState> {
    letters::states(house, &tenant.all, vec![user]).await.unwrap().get(&user).map(|letter| letter.state)
}

async fn found(house: &House, scope: &Scope, key: &str) -> Vec<String> {
    let filter = LetterFilter::from_key(key).unwrap();
    let list = letters::list_users(house, scope, filter, "", None, 50).await.unwrap();
    assert_eq!(list.len(), letters::count_users(house, scope, filter, "").await.unwrap());
    list.iter().map(|user| user.username.clone()).collect()
}

fn order(kind: LetterKind, ticket: &str, audience: Audience) -> Order {
    Order { kind, ticket: ticket.into(), audience, message: Template::default() }
}

fn message(ticket: &str, audience: Audience) -> Order {
    let message = Template {
        subject: "Lunch, {user.name}".into(),
        body: "Hello **{user.first_name}**, see [the menu](https://menu.example/?a=1&b=2).".into(),
    };
    Order { kind: LetterKind::GroupMail, ticket: ticket.into(), audience, message }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_added_is_welcomed_once_and_the_next_letter_ends_the_code_of_the_former() {
    for house in houses().await {
        let relay = with_mail(&house).await;
        let acme = &house.acme;
        let eva = user(&house, acme, "eva", true).await;
        let quiet = user(&house, acme, "quiet", false).await;
        let waiting = queue(&house, acme.id).await;
        assert_eq!((waiting.len(), waiting[0].user, &waiting[0].text), (1, Some(eva.id), &None));
        let sealed = String::from_utf8_lossy(&waiting[0].sealed.as_ref().unwrap().0).into_owned();
        assert!(!sealed.contains("enroll"), "a code must not lie in the database");
        assert_eq!(state(&house, acme, eva.id).await, Some(LetterState::Queued));
        assert_eq!(state(&house, acme, quiet.id).await, None);
        assert_eq!(found(&house, &acme.all, "never").await, ["anna", "quiet"]);
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        all_sent(&house, acme.id, 1).await;
        assert_eq!(state(&house, acme, eva.id).await, Some(LetterState::Sent));
        assert_eq!(found(&house, &acme.all, "sent").await, ["eva"]);
        assert!(queue(&house, acme.id).await[0].sealed.is_none(), "gone once it is over");
        let first = relay.heard.lock()[0].clone();
        assert!(
            first.contains("multipart/alternative") && first.contains("Content-ID: <enrolment-qr>"),
            "{first}"
        );
        assert!(!first.lines().any(|line| line.starts_with("Bcc")), "{first}");
        let code = code_in(&first);
        let guest = caller("192.0.2.9");
        assert!(enrollment::look(&house, &code, &guest).await.unwrap().is_ok());
        // Sent again, and the same order once more: one letter, and the former code is over.
        for _ in 0..2 {
            let again = order(LetterKind::Welcome, "ticket-1", Audience::Users(vec![eva.id, quiet.id]));
            let mailing = letters::order(&house, &acme.all, again).await.unwrap();
            assert_eq!(mailing.recipients, 2);
            letters::tick(&house).await.unwrap();
        }
        all_sent(&house, acme.id, 3).await;
        assert_eq!(found(&house, &acme.all, "sent").await, ["eva", "quiet"]);
        assert_eq!(letters::list(&house, &acme.all).await.unwrap().len(), 1);
        assert_eq!(enrollment::look(&house, &code, &guest).await.unwrap().err(), Some(Refusal::Withdrawn));
        let heard = relay.heard.lock().clone();
        let to_eva = heard.iter().rfind(|mail| mail.contains("To: eva@")).unwrap();
        let redeemed = enrollment::redeem(&house, &code_in(to_eva), "", &guest).await.unwrap().unwrap();
        assert_eq!((redeemed.user.id, redeemed.organization.id), (eva.id, acme.id));
        // Nobody else's business.
        let globex = &house.globex;
        assert!(queue(&house, globex.id).await.is_empty());
        assert_eq!(found(&house, &globex.all, "sent").await, [""; 0]);
        let theirs = order(LetterKind::Welcome, "ticket-1", Audience::Users(vec![eva.id]));
        assert!(matches!(letters::order(&house, &globex.all, theirs).await, Err(Error::Invalid(_))));
        let journal = house.journal_text(acme.id).await;
        assert!(!journal.contains(&code) && journal.contains("letter.mailing_queued"));
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_written_to_is_said_and_the_others_get_theirs() {
    for house in houses().await {
        let relay = with_mail(&house).await;
        let acme = &house.acme;
        let mute = UserInput { username: "mute".into(), ..UserInput::default() };
        let mute = users::create_and(&house, &acme.all, mute, true).await.unwrap();
        let letter =
            letters::states(&house, &acme.all, vec![mute.id]).await.unwrap().remove(&mute.id).unwrap();
        assert_eq!(
            (letter.state, letter.outcome.as_str()),
            (LetterState::Refused, "The user has no mail address.")
        );
        let eva = user(&house, acme, "eva", false).await;
        let off = user(&house, acme, "off", false).await;
        let disabled = UserInput { state: Some(UserState::Disabled), ..UserInput::of(&off) };
        users::edit(&house, &acme.all, off.id, disabled).await.unwrap();
        let group = GroupInput { name: "Sales".into(), ..GroupInput::default() };
        let group = groups::create(&house, &acme.all, group).await.unwrap();
        for member in [&mute, &eva, &off] {
            groups::set_of_user(&house, &acme.all, member.id, &[group]).await.unwrap();
        }
        let order = message("lunch-001", Audience::Group(group));
        let seen = letters::preview(&house, &acme.all, &order, None).unwrap();
        assert_eq!((seen.recipients, seen.unreachable, seen.audience.as_str()), (2, 1, "Group Sales"));
        assert!(seen.letter.text.contains("Hello Eva  Bcc: all@evil.test"), "{}", seen.letter.text);
        let made = letters::order(&house, &acme.all, order.clone()).await.unwrap();
        letters::tick(&house).await.unwrap();
        let done = letters::get(&house, &acme.all, made.id).await.unwrap();
        assert_eq!((done.queued, done.refused, done.issues[0].name.as_str()), (1, 1, "mute"));
        assert!(done.finished_at.is_some());
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        all_sent(&house, acme.id, 1).await;
        let results = letters::results(&house, &acme.all, made.id, None, 10).await.unwrap();
        assert_eq!((results.len(), results[0].user, results[0].state), (1, Some(eva.id), MailState::Sent));
        let heard = relay.heard.lock()[0].clone();
        assert!(
            heard.contains("List-Id: <group-mail.example.com>") && heard.contains("Precedence: bulk"),
            "{heard}"
        );
        assert!(
            decoded(&heard).contains("href=\"https://menu.example/?a=1&amp;b=2\""),
            "{}",
            decoded(&heard)
        );
        assert_eq!(state(&house, acme, eva.id).await, None, "a group e-mail is no welcome letter");
        // The neighbour sees nothing of it.
        let globex = &house.globex;
        assert!(matches!(letters::get(&house, &globex.all, made.id).await, Err(Error::NotFound(_))));
        assert!(matches!(
            letters::results(&house, &globex.all, made.id, None, 10).await,
            Err(Error::NotFound(_))
        ));
        assert!(matches!(letters::order(&house, &globex.all, order.clone()).await, Err(Error::Invalid(_))));
        // A ticket stands for one letter.
        let mut other = order.clone();
        other.message.subject = "Dinner".into();
        assert!(matches!(letters::order(&house, &acme.all, other).await, Err(Error::Conflict(_))));
        let short = Order { ticket: "x".into(), ..order };
        assert!(
            matches!(letters::order(&house, &acme.all, short).await, Err(Error::Invalid(i)) if i[0].field == "ticket")
        );
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailing_is_carried_out_once_however_many_are_at_it() {
    for house in houses().await {
        with_mail(&house).await;
        let acme = &house.acme;
        let line = |n: i32| format!("u{n:03},u{n:03}@{}\n", acme.domain);
        let lines = (0..240).map(line).collect::<Vec<_>>().concat();
        let file = |welcome| Upload {
            bytes: format!("username,email\n{lines}").into_bytes(),
            duplicates: domain::model::Duplicates::Update,
            welcome,
            ..Upload::default()
        };
        for _ in 0..2 {
            let import = imports::check(&house, &acme.all, file(true)).await.unwrap();
            imports::start(&house, &acme.all, import.id, false).await.unwrap();
            imports::tick(&house).await.unwrap();
        }
        assert_eq!(queue(&house, acme.id).await.len(), 240, "the second time nobody is new");
        assert_eq!(
            letters::count_users(&house, &acme.all, LetterFilter::In(LetterState::Queued), "").await,
            Ok(240)
        );
        let all = order(LetterKind::EnrollmentReminder, "reminder-1", Audience::WithoutDevice);
        let made = letters::order(&house, &acme.all, all).await.unwrap();
        assert_eq!((made.recipients, made.parts), (241, 3));
        let (one, two) = tokio::join!(letters::tick(&house), letters::tick(&house));
        one.and(two).ok();
        letters::tick(&house).await.unwrap();
        let done = letters::get(&house, &acme.all, made.id).await.unwrap();
        assert!(done.finished_at.is_some());
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = letters::results(&house, &acme.all, made.id, after, 100).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|mail| mail.user));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), done.queued as usize), (seen.len(), seen.len()));
        assert_eq!(done.queued + done.refused, 241);
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_are_worded_by_the_organization_and_read_in_the_readers_language() {
    for house in houses().await {
        with_mail(&house).await;
        let (acme, globex) = (&house.acme, &house.globex);
        let own = Template { subject: "Salut {user.name}".into(), body: "Code: {enrolment.code}".into() };
        let which = (LetterKind::Welcome, "fr");
        let (rev, _) = letters::settings(&house, &acme.all).unwrap();
        letters::edit_template(&house, &acme.all, Some(rev), which, own.clone()).await.unwrap();
        let late = letters::edit_template(&house, &acme.all, Some(rev), which, own.clone()).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        let count = |scope| letters::templates(&house, scope).unwrap().iter().filter(|t| t.is_own).count();
        assert_eq!((count(&acme.all), count(&globex.all)), (1, 0));
        let french = UserInput {
            username: "fr".into(),
            email: format!("fr@{}", acme.domain),
            language: "fr".into(),
            ..UserInput::default()
        };
        users::create_and(&house, &acme.all, french, true).await.unwrap();
        house.settings(&house.acme, |s| s.language = "de".into()).await;
        house.clock.advance(1);
        user(&house, acme, "eva", true).await;
        let subjects: Vec<_> =
            queue(&house, acme.id).await.iter().map(|m| m.subject.as_str().to_owned()).collect();
        assert_eq!(subjects[1], "Salut fr");
        assert!(subjects[0].starts_with("Richten Sie Ihr Gerät"), "{subjects:?}");
        // Looked at before it is saved, for a user or a made-up one.
        let seen =
            letters::preview_template(&house, &acme.all, which, own.clone(), Some(acme.anna.id)).unwrap();
        assert_eq!(seen.text, "Code: 0000-AAAA-1111-BBBB\n");
        let theirs = letters::preview_template(&house, &globex.all, which, own, Some(acme.anna.id));
        assert_eq!(theirs.err(), Some(Error::NotFound("user")));
        let bad = Template { subject: "x".into(), body: "{nobody}".into() };
        match letters::edit_template(&house, &acme.all, None, which, bad).await {
            Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, "body"),
            other => panic!("{other:?}"),
        }
        letters::remove_template(&house, &acme.all, None, which).await.unwrap();
        assert_eq!(count(&acme.all), 0);
        // Who is told of a new password, and only if the organization wants it.
        let set = async |password: &str| {
            let user = users::get(&house, &acme.all, acme.anna.id).unwrap();
            let input = UserInput { password: password.into(), ..UserInput::of(&user) };
            users::edit(&house, &acme.all, user.id, input).await.unwrap();
        };
        set("correct horse 1").await;
        let told =
            async || queue(&house, acme.id).await.iter().filter(|m| m.purpose == "password_changed").count();
        assert_eq!(told().await, 0);
        let on = SettingsInput { tell_password_changes: true, welcome_directory_users: false };
        letters::edit_settings(&house, &acme.all, None, on).await.unwrap();
        set("correct horse 2").await;
        assert_eq!(told().await, 1);
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_letter_needs_its_own_permission_and_administrators_are_written_to_by_the_system_alone() {
    for house in houses().await {
        with_mail(&house).await;
        let acme = &house.acme;
        let look = [Permission::DevicesView, Permission::UsersEdit];
        let role = house.role(acme, "Looks", &look).await;
        let looks = house.administrator(acme, "looks", role).await;
        let anna = || Audience::Users(vec![acme.anna.id]);
        for (kind, order) in [
            ("welcome", order(LetterKind::Welcome, "ticket-2", anna())),
            ("group", message("ticket-3", anna())),
        ] {
            assert!(matches!(letters::order(&house, &looks, order).await, Err(Error::Denied(_))), "{kind}");
        }
        let new = UserInput { username: "new".into(), ..UserInput::default() };
        let denied = users::create_and(&house, &looks, new, true).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        assert!(house.engine.directory().organization(acme.id).unwrap().read().user_by_name("new").is_none());
        let order = Order {
            kind: LetterKind::AdministratorMail,
            ..message("ticket-4", Audience::Administrators(vec![]))
        };
        let refused = letters::order(&house, &acme.all, order.clone()).await;
        assert!(refused.is_err(), "{refused:?}");
        let system = sign_in::command_line(Organization::SYSTEM);
        let made = letters::order(&house, &system, order).await.unwrap();
        letters::tick(&house).await.unwrap();
        let done = letters::get(&house, &system, made.id).await.unwrap();
        assert_eq!(done.queued + done.refused, done.recipients);
        assert!(done.recipients >= 1 && queue(&house, acme.id).await.is_empty());
        house.finish().await;
    }
}
