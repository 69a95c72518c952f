//! The table of *Test Connection*: each status, in the order of the protocol.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use engine::administrators::{self, AdministratorEdit};
use engine::organizations::{self, OrganizationEdit};
use http_body::Frame;

use crate::ise_fixture::*;

const INFO: &str = "/ciscoise/mdminfo/?ise_api_version=3";

/// Fails the test if anybody reads it.
struct Untouched;
impl http_body::Body for Untouched {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        panic!("the body was read");
    }
}

#[tokio::test]
async fn a_good_account_gets_mdminfo_in_each_version() {
    let house = House::build().await;
    for (target, version) in [
        (INFO, Some("3")),
        ("/ciscoise/mdminfo/?ise_api_version=2", Some("2")),
        ("/ciscoise/mdminfo/?ise_api_version=9", Some("3")),
        ("/ciscoise/mdminfo", None),
        ("/acme/ciscoise/mdminfo/?ise_api_version=3", Some("3")),
    ] {
        let reply = house.get(&house.acme, target).await;
        assert_eq!(reply.status, 200, "{target}");
        assert_eq!(reply.headers["content-type"], "application/xml; charset=UTF-8");
        assert_eq!(texts(&reply.body, "api_version").first().map(String::as_str), version, "{target}");
        assert_eq!(one(&reply.body, "redirect_url"), "https://mdm.example.test:8443/o/acme");
        assert_eq!(one(&reply.body, "query_max_size"), "5000");
        assert_eq!(one(&reply.body, "messaging_support"), "false");
        assert!(one(&reply.body, "api_path").starts_with("/ciscoise/mdmapi/v"));
    }
}

#[tokio::test]
async fn an_organization_may_send_unregistered_users_elsewhere() {
    let house = House::build().await;
    let current = |scope| organizations::current(&house.engine, scope).unwrap().settings.clone();
    let mut settings = current(&house.acme.admin);
    for bad in
        ["http://help.acme.test/", "https://", "https://help acme/", "https://a.test/\"><x>", "javascript:1"]
    {
        settings.ise_redirect_url = bad.into();
        let outcome = organizations::edit_settings(&house.engine, &house.acme.admin, settings.clone()).await;
        assert!(matches!(outcome, Err(engine::Error::Invalid(_))), "{bad}: {outcome:?}");
    }
    settings.ise_redirect_url = "https://help.acme.test:8443/new?from=ise&lang=en".into();
    organizations::edit_settings(&house.engine, &house.acme.admin, settings).await.unwrap();
    let acme = house.get(&house.acme, INFO).await.body;
    assert!(
        acme.contains("<redirect_url>https://help.acme.test:8443/new?from=ise&amp;lang=en</redirect_url>"),
        "{acme}"
    );
    let globex = house.get(&house.globex, INFO).await.body;
    assert_eq!(one(&globex, "redirect_url"), "https://mdm.example.test:8443/o/globex");
}

#[tokio::test]
async fn wrong_or_absent_credentials_are_challenged() {
    let house = House::build().await;
    let wrong = (house.acme.ise.0.clone(), "not the password".to_owned());
    let nobody = ("nobody".to_owned(), house.acme.ise.1.clone());
    for who in [None, Some(&wrong), Some(&nobody)] {
        for target in [INFO, "/acme/ciscoise/mdminfo", "/ciscoise/mdmapi/v3/devices/?paging=0&filter=all"] {
            let reply = house.call("GET", target, who, "").await;
            assert_eq!(reply.status, 401, "{target}");
            assert!(reply.headers["www-authenticate"].to_str().unwrap().starts_with("Basic realm="));
            assert_eq!(one(&reply.body, "name"), "error");
        }
    }
}

#[tokio::test]
async fn an_unknown_instance_looks_like_any_unknown_path() {
    let house = House::build().await;
    let unknown = house.call("GET", "/ciscoise/nothing", None, "").await;
    assert_eq!(unknown.status, 404);
    for target in [
        "/no-such-org/ciscoise/mdminfo",
        "/no-such-org/ise/mdm/api/devices/0/all",
        "/ciscoise/devicess/0/all",
    ] {
        for who in [None, Some(&house.acme.ise)] {
            let reply = house.call("GET", target, who, "").await;
            assert_eq!(
                (reply.status, &reply.body, &reply.headers),
                (404, &unknown.body, &unknown.headers),
                "{target}"
            );
        }
    }
}

#[tokio::test]
async fn the_instance_of_somebody_else_is_not_found_once_the_password_is_right() {
    let house = House::build().await;
    let foreign = "/globex/ciscoise/mdminfo/?ise_api_version=3";
    assert_eq!(house.get(&house.acme, foreign).await.status, 404);
    assert_eq!(house.get(&house.globex, foreign).await.status, 200);
    assert_eq!(house.call("GET", foreign, None, "").await.status, 401);
    // The instance is looked at before the mark.
    assert_eq!(house.call("GET", foreign, Some(&house.acme.plain), "").await.status, 404);
}

#[tokio::test]
async fn an_account_without_the_mark_is_forbidden_and_so_are_disabled_ones_and_foreign_networks() {
    let house = House::build().await;
    assert_eq!(house.call("GET", INFO, Some(&house.acme.plain), "").await.status, 403);
    let account = house.engine.directory().administrator_by_name(&house.acme.ise.0).unwrap().id;
    let edit =
        async |edit| administrators::edit(&house.engine, &house.acme.admin, account, edit).await.unwrap();
    assert_eq!(house.get(&house.acme, INFO).await.status, 200);

    let networks = |list: &[&str]| AdministratorEdit {
        allowed_networks: Some(list.iter().map(|n| (*n).to_owned()).collect()),
        ..AdministratorEdit::default()
    };
    edit(networks(&["198.51.100.0/24"])).await;
    assert_eq!(house.get(&house.acme, INFO).await.status, 403);
    edit(networks(&["192.0.2.0/24"])).await;
    assert_eq!(house.get(&house.acme, INFO).await.status, 200);

    edit(AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() }).await;
    assert_eq!(house.get(&house.acme, INFO).await.status, 403);
    edit(AdministratorEdit { enabled: Some(true), ..AdministratorEdit::default() }).await;
    assert_eq!(house.get(&house.acme, INFO).await.status, 200);
}

#[tokio::test]
async fn a_changed_password_ends_the_proof_in_memory() {
    let house = House::build().await;
    assert_eq!(house.get(&house.acme, INFO).await.status, 200);
    let account = house.engine.directory().administrator_by_name(&house.acme.ise.0).unwrap().id;
    let new = "another long enough password";
    administrators::reset_password(&house.engine, &house.acme.admin, account, new).await.unwrap();
    assert_eq!(house.get(&house.acme, INFO).await.status, 401);
    let renewed = (house.acme.ise.0.clone(), new.to_owned());
    assert_eq!(house.call("GET", INFO, Some(&renewed), "").await.status, 200);
}

#[tokio::test]
async fn one_source_that_is_locked_out_does_not_blind_the_others() {
    let house = House::build().await;
    let wrong = (house.acme.ise.0.clone(), "not the password".to_owned());
    let empty = || http_body_util::Empty::<Bytes>::new();
    for _ in 0..6 {
        let reply = house.send("GET", INFO, Some(&wrong), empty(), "198.51.100.66:1").await;
        assert_eq!(reply.status, 401);
    }
    let locked = house.send("GET", INFO, Some(&house.acme.ise), empty(), "198.51.100.66:1").await;
    assert_eq!(locked.status, 401, "locked from there");
    assert!(locked.body.contains("Try again in 15 minutes"), "{}", locked.body);
    assert_eq!(house.get(&house.acme, INFO).await.status, 200, "not from here");
}

#[tokio::test]
async fn a_disabled_organization_is_closed() {
    let house = House::build().await;
    let root = sign_in_root(&house).await;
    let edit = OrganizationEdit { enabled: Some(false), ..OrganizationEdit::default() };
    organizations::edit(&house.engine, &root, house.acme.id, edit).await.unwrap();
    assert_eq!(house.get(&house.acme, INFO).await.status, 403);
    assert_eq!(house.get(&house.acme, "/acme/ciscoise/mdminfo").await.status, 404);
    assert_eq!(house.get(&house.globex, INFO).await.status, 200);
}

async fn sign_in_root(house: &House) -> engine::Scope {
    let (token, _) =
        engine::sign_in::sign_in(&house.engine, "root", "correct horse battery", &caller()).await.unwrap();
    engine::sign_in::scope_of_session(&house.engine, &token, caller().address).await.unwrap()
}

#[tokio::test]
async fn the_body_is_read_only_after_every_check() {
    let house = House::build().await;
    let wrong = (house.acme.ise.0.clone(), "not the password".to_owned());
    for (target, who, status) in [
        ("/no-such-org/ciscoise/action/pin_lock", Some(&house.acme.ise), 404),
        ("/ciscoise/action/pin_lock", None, 401),
        ("/ciscoise/action/pin_lock", Some(&wrong), 401),
        ("/globex/ciscoise/action/pin_lock", Some(&house.acme.ise), 404),
        ("/ciscoise/action/pin_lock", Some(&house.acme.plain), 403),
        ("/ciscoise/action/melt", Some(&house.acme.ise), 400),
    ] {
        assert_eq!(house.send("POST", target, who, Untouched, PEER).await.status, status, "{target}");
    }
}

#[tokio::test]
async fn broken_requests_are_told_apart() {
    let house = House::build().await;
    let large = "x".repeat((1 << 20) + 1);
    for (method, target, body, status) in [
        ("POST", "/ciscoise/mdminfo", "", 405),
        ("GET", "/ciscoise/action/pin_lock", "", 405),
        ("GET", "/ciscoise/devices/?paging=0&querycriteria=colour&value=red", "", 400),
        ("GET", "/ciscoise/devices/?paging=0&value=red", "", 400),
        ("POST", "/ciscoise/action/", "<ise_api/>", 400),
        ("POST", "/ciscoise/action/pin_lock", "", 400),
        ("POST", "/ciscoise/action/pin_lock", "<ise_api><identifier>", 400),
        ("POST", "/ciscoise/action/pin_lock", "<!DOCTYPE a [<!ENTITY b 'c'>]><ise_api/>", 400),
        ("POST", "/ciscoise/action/pin_lock", &large, 413),
        ("POST", "/ciscoise/batchdevices/?querycriteria=macaddress", &large, 413),
        ("PUT", "/ciscoise/sendmessage", "<ise_api/>", 400),
    ] {
        let reply = house.call(method, target, Some(&house.acme.ise), body).await;
        assert_eq!(reply.status, status, "{method} {target}");
        assert_eq!(one(&reply.body, "name"), "error");
        assert_eq!(reply.headers.contains_key("allow"), status == 405, "{target}");
    }
    let allowed = house.call("DELETE", "/ciscoise/mdminfo", Some(&house.acme.ise), "").await;
    assert_eq!(allowed.headers["allow"], "GET, HEAD");
}

#[tokio::test]
async fn head_is_get_without_a_body_and_nothing_redirects() {
    let house = House::build().await;
    house.device(&house.acme, |_| {}).await;
    for target in [INFO, "//ciscoise//mdminfo//", "/ciscoise/devices/0/macaddress/000000000001/all/"] {
        let get = house.get(&house.acme, target).await;
        let head = house.call("HEAD", target, Some(&house.acme.ise), "").await;
        assert_eq!((get.status, head.status), (200, 200), "{target}");
        assert!(head.body.is_empty());
        assert_eq!(head.headers["content-length"], get.body.len().to_string());
        assert!(!get.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn only_the_first_request_pays_for_a_slow_hash() {
    let house = House::build().await;
    house.device(&house.acme, |_| {}).await;
    let target =
        "/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&value=000000000001&filter=all";
    // The first call pays for the slow hash; it is the measure for the others.
    let first = std::time::Instant::now();
    assert_eq!(house.get(&house.acme, target).await.status, 200);
    let slow = first.elapsed();
    let rest = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(house.get(&house.acme, target).await.status, 200);
    }
    assert!(rest.elapsed() < slow * 50, "100 look-ups took {:?}, one slow hash {slow:?}", rest.elapsed());
}
