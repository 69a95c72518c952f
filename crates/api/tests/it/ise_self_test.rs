//! The self-test against the face itself, with a client that plays both network and TLS.

use engine::ise::{Credentials, Port, Probe, ProbeAnswer, ProbeRequest, Trust, self_test};

use crate::ise_fixture::*;

/// As the network between the test and the server would behave.
struct Wire<'h> {
    house: &'h House,
    /// A proxy that removes the challenge.
    hides_challenge: bool,
}

impl Probe for Wire<'_> {
    async fn call(&self, request: ProbeRequest) -> ProbeAnswer {
        if request.port == Port::Closed {
            return ProbeAnswer::Unreachable("refused".into());
        }
        if request.trust != Trust::ExportedRoot {
            return ProbeAnswer::Untrusted("unknown issuer".into());
        }
        let who = request.credentials.map(|c| (c.user, c.password));
        let reply = self.house.call("GET", &request.target, who.as_ref(), "").await;
        ProbeAnswer::Answered {
            status: reply.status,
            challenged: reply.headers.contains_key("www-authenticate") && !self.hides_challenge,
            body: reply.body,
        }
    }
}

#[tokio::test]
async fn every_row_of_the_table_is_produced_and_nothing_is_left_behind() {
    let house = House::build().await;
    let accounts = || house.engine.directory().administrators(house.acme.id).len();
    let before = accounts();
    let own = Credentials { user: house.acme.ise.0.clone(), password: house.acme.ise.1.clone() };
    let wire = Wire { house: &house, hides_challenge: false };
    let rows = self_test(&house.engine, &house.acme.admin, &wire, Some(own)).await.unwrap();
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(rows.len(), 14);
    for words in ["401", "403", "404", "check connection parameters", "trust store", "successful"] {
        assert!(rows.iter().any(|row| row.shown.contains(words)), "{words}");
    }
    assert_eq!(accounts(), before);
}

#[tokio::test]
async fn a_row_that_fails_says_so() {
    let house = House::build().await;
    let own = Credentials { user: house.acme.ise.0.clone(), password: "wrong".into() };
    let wire = Wire { house: &house, hides_challenge: true };
    let rows = self_test(&house.engine, &house.acme.admin, &wire, Some(own)).await.unwrap();
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed).map(|row| row.name).collect();
    assert_eq!(failed, ["No credentials yet", "Wrong password", "Your account"]);
}

#[tokio::test]
async fn only_who_may_edit_ise_can_run_it() {
    let house = House::build().await;
    let desk = house.acme.plain.clone();
    let (token, _) = engine::sign_in::sign_in(&house.engine, &desk.0, &desk.1, &caller()).await.unwrap();
    let scope = engine::sign_in::scope_of_session(&house.engine, &token, caller().address).await.unwrap();
    let wire = Wire { house: &house, hides_challenge: false };
    assert!(self_test(&house.engine, &scope, &wire, None).await.is_err());
}
