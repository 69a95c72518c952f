//! Enrolment codes: one use, one user, one organization; they end by time, by hand and by wrong PINs; guesses are
//! bounded.

use domain::model::{TokenState, UserState};
use engine::enrollment::{self, NewToken, Refusal, look, redeem};
use engine::sign_in::Caller;
use engine::users::{self, UserInput};
use engine::{Error, organizations};

use crate::house::{HOUR, House, MINUTE, Tenant, houses};

fn caller(last: u8) -> Caller {
    Caller { address: [192, 0, 2, last].into(), user_agent: "Phone".into() }
}

async fn issue(house: &House, tenant: &Tenant, pin: &str) -> enrollment::Issued {
    let new = NewToken { hours: Some(2), pin: pin.into() };
    enrollment::issue(house, &tenant.all, tenant.anna.id, new).await.unwrap()
}

async fn states(house: &House, tenant: &Tenant) -> Vec<TokenState> {
    let tokens = enrollment::of_user(house, &tenant.all, tenant.anna.id).await.unwrap();
    tokens.iter().map(|token| token.state(house.now())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_brings_its_user_in_once_and_nobody_elses() {
    for house in houses().await {
        house.engine.is_reached_at("https://mdm.acme.test/");
        let (acme, globex) = (&house.acme, &house.globex);
        let code = issue(&house, acme, "").await;
        assert_eq!(code.link, format!("https://mdm.acme.test/enroll?token={}", code.code));
        let other = issue(&house, globex, "").await;
        let seen =
            look(&house, &code.code.to_lowercase().replace('-', ""), &caller(1)).await.unwrap().unwrap();
        assert_eq!((seen.organization.id, seen.user.id, seen.needs_pin), (acme.id, acme.anna.id, false));
        assert_eq!(seen.expires_at, code.expires_at);
        // Many at once: one gets in.
        let tries = (0..8).map(|_| async { redeem(&house, &code.code, "", &caller(1)).await.unwrap() });
        let outcomes = futures_util::future::join_all(tries).await;
        let (got, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((got.len(), refused.len()), (1, 7));
        let got = got.into_iter().next().unwrap().unwrap();
        assert_eq!((got.organization.id, got.user.id), (acme.id, acme.anna.id));
        assert!(refused.iter().all(|r| matches!(r, Err(Refusal::Redeemed(_)))), "{refused:?}");
        assert!(matches!(look(&house, &code.code, &caller(1)).await.unwrap(), Err(Refusal::Redeemed(_))));
        let got = redeem(&house, &other.code, "", &caller(1)).await.unwrap().unwrap();
        assert_eq!((got.organization.id, got.user.id), (globex.id, globex.anna.id));
        // The neighbour neither sees nor revokes it.
        house.clock.advance(1);
        let own = issue(&house, acme, "").await;
        let stranger = enrollment::of_user(&house, &globex.all, acme.anna.id).await;
        assert_eq!(stranger.err(), Some(Error::NotFound("user")));
        let stranger = enrollment::revoke(&house, &globex.all, own.id).await;
        assert!(matches!(stranger, Err(Error::NotFound(_))), "{stranger:?}");
        assert_eq!(states(&house, acme).await, [TokenState::Open, TokenState::Redeemed]);
        // The code itself is nowhere.
        let journal = house.journal_text(acme.id).await;
        assert!(journal.contains("enrollment.redeemed") && !journal.contains(&code.code));
        assert!(!journal.contains(&code.code.replace('-', "")));
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_ends_by_time_by_hand_and_with_its_user() {
    for house in houses().await {
        let acme = &house.acme;
        let old = issue(&house, acme, "").await;
        house.clock.advance(2 * HOUR - 1);
        assert!(look(&house, &old.code, &caller(2)).await.unwrap().is_ok());
        house.clock.advance(1);
        assert_eq!(
            redeem(&house, &old.code, "", &caller(2)).await.unwrap().err(),
            Some(Refusal::Expired(old.expires_at))
        );
        let revoked = issue(&house, acme, "").await;
        enrollment::revoke(&house, &acme.all, revoked.id).await.unwrap();
        enrollment::revoke(&house, &acme.all, revoked.id).await.unwrap();
        assert_eq!(
            redeem(&house, &revoked.code, "", &caller(2)).await.unwrap().err(),
            Some(Refusal::Withdrawn)
        );
        let good = issue(&house, acme, "").await;
        let user = users::get(&house, &acme.all, acme.anna.id).unwrap();
        let off = UserInput { state: Some(UserState::Disabled), ..UserInput::of(&user) };
        users::edit(&house, &acme.all, user.id, off).await.unwrap();
        assert_eq!(redeem(&house, &good.code, "", &caller(2)).await.unwrap().err(), Some(Refusal::Disabled));
        let refused = enrollment::issue(&house, &acme.all, user.id, NewToken::default()).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        users::remove(&house, &acme.all, user.id, true).await.unwrap();
        assert_eq!(redeem(&house, &good.code, "", &caller(2)).await.unwrap().err(), Some(Refusal::Unknown));
        // An organization that is switched off lets nobody in.
        let other = issue(&house, &house.globex, "").await;
        let edit = organizations::OrganizationEdit { enabled: Some(false), ..Default::default() };
        let root = engine::sign_in::command_line(domain::model::Organization::SYSTEM);
        organizations::edit(&house, &root, house.globex.id, edit).await.unwrap();
        assert_eq!(redeem(&house, &other.code, "", &caller(2)).await.unwrap().err(), Some(Refusal::Disabled));
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_of_codes_and_pins_are_bounded() {
    for house in houses().await {
        let acme = &house.acme;
        let code = issue(&house, acme, "4711").await;
        let code = &code.code;
        assert!(look(&house, code, &caller(3)).await.unwrap().unwrap().needs_pin);
        assert_eq!(
            redeem(&house, code, "", &caller(3)).await.unwrap().err(),
            Some(Refusal::Pin(5)),
            "not a try"
        );
        for left in [4, 3, 2, 1] {
            assert_eq!(
                redeem(&house, code, "0000", &caller(3)).await.unwrap().err(),
                Some(Refusal::Pin(left))
            );
        }
        assert_eq!(redeem(&house, code, "0000", &caller(3)).await.unwrap().err(), Some(Refusal::Guessed));
        assert_eq!(redeem(&house, code, "4711", &caller(3)).await.unwrap().err(), Some(Refusal::Guessed));
        assert_eq!(states(&house, acme).await, [TokenState::Guessed]);
        let second = issue(&house, acme, "4711").await;
        assert!(redeem(&house, &second.code, " 4711 ", &caller(3)).await.unwrap().is_ok());
        // Codes of nobody: the address is locked for a while, for everything.
        let good = issue(&house, acme, "").await;
        for n in 0..20 {
            let guess = format!("0000-0000-0000-{n:04}");
            assert_eq!(look(&house, &guess, &caller(4)).await.unwrap().err(), Some(Refusal::Unknown));
        }
        let locked = redeem(&house, &good.code, "", &caller(4)).await;
        assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
        assert!(look(&house, &good.code, &caller(5)).await.unwrap().is_ok(), "others are not");
        house.clock.advance(15 * MINUTE);
        assert!(redeem(&house, &good.code, "", &caller(4)).await.unwrap().is_ok());
        for (hours, pin, field) in
            [(0, "", "hours"), (721, "", "hours"), (1, "123", "pin"), (1, "12a4", "pin")]
        {
            let new = NewToken { hours: Some(hours), pin: pin.into() };
            match enrollment::issue(&house, &acme.all, acme.anna.id, new).await {
                Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        for _ in 0..enrollment::MOST_OPEN {
            issue(&house, acme, "").await;
        }
        let more = enrollment::issue(&house, &acme.all, acme.anna.id, NewToken::default()).await;
        assert!(matches!(more, Err(Error::Conflict(_))), "{more:?}");
        house.finish().await;
    }
}
