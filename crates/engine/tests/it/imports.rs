//! Users from files: reading, refusing, importing once and again, and going on after a crash.

use catalog::{Liability, Permission};
use domain::model::{Duplicates, ImportCounts, ImportState, UserImport, UserState};
use engine::groups::{self, GroupInput};
use engine::imports::{self, Upload};
use engine::{Error, Scope, users};

use crate::house::{House, Tenant, houses, open};

async fn checked(house: &House, scope: &Scope, text: &[u8]) -> engine::Result<UserImport> {
    let upload = Upload { file: "C:\\lists\\people.csv".into(), bytes: text.to_vec(), ..Upload::default() };
    imports::check(house, scope, upload).await
}

/// Imports a file to its end.
async fn imported(house: &House, tenant: &Tenant, text: &str) -> UserImport {
    let import = checked(house, &tenant.all, text.as_bytes()).await.unwrap();
    imports::start(house, &tenant.all, import.id, true).await.unwrap();
    imports::tick(house).await.unwrap();
    imports::get(house, &tenant.all, import.id).await.unwrap()
}

fn counts(new: u32, changed: u32, same: u32, skipped: u32, bad: u32) -> ImportCounts {
    ImportCounts { new, changed, same, skipped, bad }
}

async fn group(house: &House, tenant: &Tenant, name: &str) -> domain::model::GroupId {
    let input = GroupInput { name: name.into(), ..GroupInput::default() };
    groups::create(house, &tenant.all, input).await.unwrap()
}

const PEOPLE: &str = "Username;E-Mail;First name;Last name;Liability;Groups;Phone\r\n\
    bob;bob@acme.test;Bob;Müller;individual;Sales;+41 44 1\r\n\
    carla;carla@acme.test;Carla;=cmd|' /C calc'!A0;;Sales|Board;\r\n\
    ;;;;;;\r\n\
    anna;-;;;;;\r\n";

#[tokio::test]
async fn a_file_is_imported_once_and_the_second_time_nothing_changes() {
    for house in houses().await {
        let (sales, board) =
            (group(&house, &house.acme, "Sales").await, group(&house, &house.acme, "Board").await);
        group(&house, &house.globex, "Sales").await;
        let import = imported(&house, &house.acme, PEOPLE).await;
        assert_eq!((import.state, import.done), (ImportState::Done, counts(2, 1, 0, 0, 0)), "{import:?}");
        assert_eq!((import.file.as_str(), import.separator.as_str()), ("people.csv", "semicolon"));
        let found = |name: &str| {
            let org = house.directory().organization(house.acme.id).unwrap();
            let user = org.read().user_by_name(name).cloned();
            user.unwrap()
        };
        let (bob, carla) = (found("bob"), found("carla"));
        assert_eq!((bob.display_name.as_str(), bob.liability), ("Bob Müller", Some(Liability::Individual)));
        assert_eq!(bob.groups, [sales]);
        assert_eq!(carla.last_name, "=cmd|' /C calc'!A0", "text stays text");
        let mut both = vec![sales, board];
        both.sort_unstable();
        assert_eq!(carla.groups, both);
        assert_eq!(found("anna").email, "", "a hyphen empties");
        assert_eq!(house.journaled(&house.acme, "user.created", bob.id).await, 1);
        let before = house.journal(house.acme.id).await.len();
        let again = imported(&house, &house.acme, PEOPLE).await;
        assert_eq!(again.done, counts(0, 0, 3, 0, 0));
        assert_eq!(house.journal(house.acme.id).await.len(), before + 2, "only that it began and ended");
        assert_eq!(found("bob").rev, bob.rev);
        let org = house.directory().organization(house.globex.id).unwrap();
        assert!(org.read().user_by_name("bob").is_none(), "the other organization has nobody new");
        house.finish().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_row_and_column() {
    for house in houses().await {
        group(&house, &house.acme, "Sales").await;
        let text = "username,email,groups,policy_suite,schedule,liability,state,phone\n\
            bob,bob@acme.test,Sale,,,,,\n\
            carla,carla@elsewhere.test,,Defualt,,,,\n\
            BOB,,,,,,,\n\
            dora,bob@acme.test,,,Nights,maybe,gone,\n\
            ,x@acme.test,,,,,,\n\
            emil,emil@acme.test,,,,,,CALL ME\n\
            fritz,fritz@acme.test,,,,,,,too,much\n\
            good,good@acme.test,,Default,,,,\n";
        let import = checked(&house, &house.acme.all, text.as_bytes()).await.unwrap();
        assert_eq!(import.foreseen, counts(1, 0, 0, 0, 7), "{:#?}", import.issues);
        let said = |line: u32, column: &str, words: &str| {
            let found = import
                .issues
                .iter()
                .any(|i| i.line == line && i.column == column && i.message.contains(words));
            assert!(found, "{line} {column} {words}: {:#?}", import.issues);
        };
        said(2, "groups", "Did you mean \u{201c}Sales\u{201d}?");
        said(3, "email", "not a mail domain");
        said(3, "policy_suite", "Did you mean \u{201c}Default\u{201d}?");
        said(4, "username", "in line 2 already");
        said(5, "email", "in line 2 already");
        said(6, "username", "");
        said(7, "phone", "+41");
        said(8, "", "more cells");
        let refused = imports::start(&house, &house.acme.all, import.id, false).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "all or nothing unless told: {refused:?}");
        imports::start(&house, &house.acme.all, import.id, true).await.unwrap();
        imports::tick(&house).await.unwrap();
        let import = imports::get(&house, &house.acme.all, import.id).await.unwrap();
        assert_eq!(import.done, counts(1, 0, 0, 0, 0));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_with_words() {
    for house in houses().await {
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"\xEF\xBB\xBF\r\n\r\n", "empty"),
            (b"username\n", "no rows"),
            (b"name,mail\nbob,bob@acme.test\n", "no column username"),
            (b"username,emial\nbob,x\n", "Did you mean email?"),
            (b"username,E-Mail,email\nbob,x,y\n", "twice"),
            (b"username,Flavour of ice\nbob,x\n", "Flavour of ice"),
            (b"PK\x03\x04workbook", "workbook"),
            (b"username\n\x00\x01\x02\n", "no text file"),
        ] {
            let refused = checked(&house, &house.acme.all, bytes).await;
            let Err(Error::Invalid(issues)) = refused else { panic!("{refused:?}") };
            let all: String = issues.iter().map(|i| i.message.as_str()).collect();
            assert!(all.contains(words), "{words}: {all}");
        }
        let many = format!("username\n{}", "x\n".repeat(imports::ROWS_MAX + 1));
        assert!(matches!(checked(&house, &house.acme.all, many.as_bytes()).await, Err(Error::Invalid(_))));
        assert_eq!(imports::list(&house, &house.acme.all).await.unwrap(), []);
        house.finish().await;
    }
}

#[tokio::test]
async fn users_that_are_there_can_be_skipped() {
    for house in houses().await {
        let text = "username,display_name,state\nANNA,Somebody else,disabled\nbob,Bob,active\n";
        let upload = |duplicates| Upload { bytes: text.into(), duplicates, ..Upload::default() };
        let import = imports::check(&house, &house.acme.all, upload(Duplicates::Skip)).await.unwrap();
        assert_eq!(import.foreseen, counts(1, 0, 0, 1, 0));
        imports::start(&house, &house.acme.all, import.id, false).await.unwrap();
        imports::tick(&house).await.unwrap();
        let anna = users::get(&house, &house.acme.all, house.acme.anna.id).unwrap();
        assert_eq!((anna.display_name.as_str(), anna.rev), ("anna", house.acme.anna.rev));
        let import = imports::check(&house, &house.acme.all, upload(Duplicates::Update)).await.unwrap();
        assert_eq!(import.foreseen, counts(0, 1, 1, 0, 0));
        imports::start(&house, &house.acme.all, import.id, false).await.unwrap();
        imports::tick(&house).await.unwrap();
        let anna = users::get(&house, &house.acme.all, house.acme.anna.id).unwrap();
        assert_eq!((anna.display_name.as_str(), anna.state), ("Somebody else", UserState::Disabled));
        assert_eq!(anna.username, "anna", "letter case of the file does not rename");
        assert_eq!(anna.credential_epoch, house.acme.anna.credential_epoch + 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn an_import_that_was_cut_off_goes_on_where_it_stopped() {
    for house in houses().await {
        let rows = (0..700).map(|n| format!("u{n},u{n}@acme.test\n")).collect::<Vec<_>>().concat();
        let import =
            checked(&house, &house.acme.all, format!("username,email\n{rows}").as_bytes()).await.unwrap();
        assert_eq!(import.parts, 3);
        imports::start(&house, &house.acme.all, import.id, false).await.unwrap();
        // Somebody takes a name of the second part between check and import, in another process.
        let other = open(house.database(), &house.clock).await;
        users::create(&other, &house.acme.all, crate::house::user("u300", "acme.test")).await.unwrap();
        // A run that is dropped in the midst.
        let run = tokio::time::timeout(std::time::Duration::from_millis(15), imports::tick(&house)).await;
        let stopped_at = imports::get(&house, &house.acme.all, import.id).await.unwrap().next_part;
        drop(run);
        imports::tick(&other).await.unwrap();
        imports::tick(&house).await.unwrap();
        let import = imports::get(&other, &house.acme.all, import.id).await.unwrap();
        assert_eq!(import.state, ImportState::Done, "stopped at {stopped_at}");
        assert_eq!(import.done.all(), 700);
        assert_eq!(import.done.bad, 0, "{:?}", import.issues);
        let fresh = open(house.database(), &house.clock).await;
        let org = fresh.directory().organization(house.acme.id).unwrap();
        assert_eq!(org.read().user_count(), 701);
        assert!(matches!(
            imports::start(&house, &house.acme.all, import.id, true).await,
            Err(Error::Conflict(_))
        ));
        house.finish().await;
    }
}

#[tokio::test]
async fn groups_and_passwords_need_their_own_permissions_and_passwords_are_never_readable() {
    for house in houses().await {
        group(&house, &house.acme, "Sales").await;
        let role = house.role(&house.acme, "Editor", &[Permission::DevicesView, Permission::UsersEdit]).await;
        let editor = house.administrator(&house.acme, "editor", role).await;
        for text in ["username,groups\nbob,Sales\n", "username,password\nbob,a long password\n"] {
            let denied = checked(&house, &editor, text.as_bytes()).await;
            assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        }
        let plain = checked(&house, &editor, b"username\nbob\n").await.unwrap();
        assert!(matches!(imports::get(&house, &house.globex.all, plain.id).await, Err(Error::NotFound(_))));
        assert!(imports::start(&house, &house.globex.all, plain.id, true).await.is_err());
        assert!(imports::discard(&house, &house.globex.all, plain.id).await.is_err());
        let text = "username,password\nbob,correct horse\ncarla,short\n";
        let import = imported(&house, &house.acme, text).await;
        assert_eq!((import.done, import.foreseen.bad), (counts(1, 0, 0, 0, 0), 1));
        let verified = async |password: &str| {
            let bob = house.login(&house.acme, "bob").user;
            engine::eas::verify_local(&house, bob.as_ref(), password).await.unwrap()
        };
        assert!(verified("correct horse").await && !verified("short").await);
        let epoch = house.login(&house.acme, "bob").user.unwrap().credential_epoch;
        let again = imported(&house, &house.acme, text).await;
        assert_eq!(again.done, counts(0, 0, 1, 0, 0), "a password that is right already is not set anew");
        assert_eq!(house.login(&house.acme, "bob").user.unwrap().credential_epoch, epoch);
        assert!(!house.journal_text(house.acme.id).await.contains("correct horse"));
        house.finish().await;
    }
}

#[tokio::test]
async fn an_import_that_takes_mail_from_many_waits_for_a_second_person() {
    for house in houses().await {
        let mut text = "username,state\n".to_owned();
        for n in 0..8 {
            let name = format!("u{n}");
            users::create(&house, &house.acme.all, crate::house::user(&name, "acme.test")).await.unwrap();
            let phone = crate::house::hello(&format!("PHONE{n}"), "16.1");
            engine::eas::admit(&house, &house.login(&house.acme, &name), &phone).await.unwrap();
            text.push_str(&format!("{name},disabled\n"));
        }
        let import = checked(&house, &house.acme.all, text.as_bytes()).await.unwrap();
        let held = imports::start(&house, &house.acme.all, import.id, false).await;
        assert!(matches!(held, Err(Error::Held(_))), "{held:?}");
        imports::tick(&house).await.unwrap();
        let import = imports::get(&house, &house.acme.all, import.id).await.unwrap();
        assert_eq!(import.state, ImportState::Checked, "nothing happens before it is approved");
        let one = text.lines().take(2).collect::<Vec<_>>().join("\n");
        let done = imported(&house, &house.acme, &one).await;
        assert_eq!(done.done, counts(0, 1, 0, 0, 0), "one is below the limit");
        house.finish().await;
    }
}

#[tokio::test]
async fn the_template_is_a_file_that_can_be_sent_back() {
    for house in houses().await {
        let template = imports::template(&house, &house.acme.all).unwrap();
        let text = String::from_utf8(template).unwrap().replace("example.com", "acme.test");
        let import = checked(&house, &house.acme.all, text.as_bytes()).await.unwrap();
        assert_eq!(import.foreseen.bad, 0, "{:?}", import.issues);
        house.finish().await;
    }
}
