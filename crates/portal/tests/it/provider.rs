//! Users who come through their organization's identity provider: the button, the way there and back, what destroys, and
//! the way out.

use domain::model::{IdentityProviderId, UserField, UserRule};
use engine::identity::{self, ProviderInput};
use engine::users::{self, UserInput};
use http::Method;
use serde_json::json;
use simulator::provider::Provider;

use crate::house::{House, Page, houses};

const HOST: (&str, &str) = ("host", "mdm.acme.test");
const KEPT: &str = "__Host-notifymdm-user-leave";

async fn stage(house: &House) -> (Provider, IdentityProviderId) {
    house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    let provider = Provider::start(house.clock.now() / 1000).await.unwrap();
    let issuer = provider.issuer();
    provider.behave(|b| {
        b.metadata = json!({ "end_session_endpoint": format!("{issuer}/end") });
        b.claims = json!({ "sub": "c-1", "email": "carl@acme.test", "email_verified": true, "name": "Carl" });
    });
    let input = ProviderInput {
        name: "Acme & Co".into(),
        zone: "staff".into(),
        on: true,
        issuer,
        client_id: "notifymdm".into(),
        client_secret: Some("a client's secret".into()),
        not_administrators: true,
        users: Some(UserRule { claim: "email".into(), is: UserField::Email, creates: false }),
        ..ProviderInput::default()
    };
    let id = identity::create(&house.engine, &house.all(house.acme), input).await.unwrap();
    let carl = UserInput { username: "carl".into(), email: "carl@acme.test".into(), ..UserInput::default() };
    users::create(&house.engine, &house.all(house.acme), carl).await.unwrap();
    (provider, id)
}

async fn get(house: &House, path: &str, headers: &[(&str, &str)]) -> Page {
    house.send(Method::GET, path, &[&[HOST][..], headers].concat(), String::new()).await
}

/// The address of the first button that leaves for a provider.
fn button(page: &Page) -> String {
    let (_, rest) =
        page.body.split_once("href=\"/portal/sign-in/leave").unwrap_or_else(|| panic!("{}", page.body));
    format!("/portal/sign-in/leave{}", rest.split_once('"').unwrap().0).replace("&#38;", "&")
}

/// Follows a button there and back; the page that the browser ends at, not yet visited.
async fn through(house: &House, provider: &Provider, id: IdentityProviderId, button: &str) -> Page {
    house.clock.advance(1_000);
    provider.behave(|b| b.now = house.clock.now() / 1000);
    let page = get(house, button, &[]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert!(page.location.contains("redirect_uri=https%3A%2F%2Fmdm.acme.test%2Fportal%2Fsign-in%2Foidc%2F"));
    let kept = format!("{KEPT}={}", page.cookie(KEPT).unwrap());
    let back = provider.authorize(&page.location);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&back).finish();
    // Another browser has begun nothing.
    let stranger = get(house, &format!("/portal/sign-in/oidc/{id}?{query}"), &[]).await;
    assert!(stranger.status == 403 && stranger.cookie(door::USER_COOKIE).is_none());
    get(house, &format!("/portal/sign-in/oidc/{id}?{query}"), &[("cookie", &kept)]).await
}

#[tokio::test]
async fn the_button_leads_through_the_provider_to_the_page_that_was_asked_for() {
    for house in houses().await {
        let (provider, id) = stage(&house).await;
        let device = house.phone("carl@acme.test", "C1").await;
        let path = format!("/portal/devices/{}", device.id);
        for (language, words) in [("en", "Sign in with Acme &#38; Co"), ("de", "Mit Acme &#38; Co anmelden")]
        {
            let page = get(&house, "/portal/sign-in", &[("accept-language", language)]).await;
            assert!(page.body.contains(words), "{}", page.body);
        }
        let enroll = get(&house, "/portal/sign-in?next=/enroll", &[]).await;
        assert!(button(&enroll).ends_with("next=%2Fenroll"));
        let elsewhere =
            house.send(Method::GET, "/portal/sign-in", &[("host", "mdm.globex.test")], String::new()).await;
        assert!(!elsewhere.body.contains("/portal/sign-in/leave"), "{}", elsewhere.body);

        let asked = get(&house, &format!("/portal/sign-in?next={path}"), &[]).await;
        let page = through(&house, &provider, id, &button(&asked)).await;
        assert_eq!((page.status, page.location.as_str()), (303, path.as_str()), "{}", page.body);
        assert_eq!(page.cookie(KEPT).as_deref(), Some(""), "what was kept is gone");
        let carl = format!("{}={}", door::USER_COOKIE, page.cookie(door::USER_COOKIE).unwrap());
        let cookie = [("cookie", carl.as_str())];

        // Nothing to be asked for, so it takes the provider again.
        let page = get(&house, &path, &cookie).await;
        assert!(
            page.body.contains("Sign in again with Acme &#38; Co")
                && !page.body.contains("type=\"password\"")
        );
        let form =
            format!("csrf={}", form_urlencoded::byte_serialize(page.csrf().as_bytes()).collect::<String>());
        for act in ["wipe", "erase"] {
            let refused = house.send(Method::POST, &format!("{path}/{act}"), &cookie, form.clone()).await;
            assert!(
                refused.status == 422 && refused.body.contains("First sign in again"),
                "{}",
                refused.body
            );
        }
        let again = button(&page);
        let denied = through(&house, &provider, id, &again).await;
        assert!(
            denied.status == 403 && denied.cookie(door::USER_COOKIE).is_none(),
            "it did not ask who it is"
        );
        provider.behave(|b| b.claims["auth_time"] = json!(house.clock.now() / 1000 + 1));
        let page = through(&house, &provider, id, &again).await;
        assert_eq!((page.status, page.location.as_str()), (303, path.as_str()), "{}", page.body);
        let carl = format!("{}={}", door::USER_COOKIE, page.cookie(door::USER_COOKIE).unwrap());
        let cookie = [("cookie", carl.as_str())];
        let page = get(&house, &path, &cookie).await;
        assert!(page.body.contains("/erase\"") && !page.body.contains("type=\"password\""), "{}", page.body);
        let form =
            format!("csrf={}", form_urlencoded::byte_serialize(page.csrf().as_bytes()).collect::<String>());
        let page = house.send(Method::POST, &format!("{path}/wipe"), &cookie, form.clone()).await;
        assert_eq!(page.location, format!("{path}?done=wiping"), "{}", page.body);
        assert!(house.device(&device).unwrap().eas().unwrap().eas.wipe.is_some());

        // Out here; the session there has its own end.
        let page = house.send(Method::POST, "/portal/sign-out", &cookie, form).await;
        let page = get(&house, &page.location, &[]).await;
        let end = format!("{}/end?client_id=notifymdm", provider.issuer());
        assert!(page.body.contains(&end) && page.body.contains("Sign out at Acme &#38; Co"), "{}", page.body);
        assert!(get(&house, &path, &cookie).await.location.starts_with("/portal/sign-in"));
    }
}

#[tokio::test]
async fn who_is_nobody_here_reads_why_and_a_provider_that_is_away_is_named_so() {
    for house in houses().await {
        let (provider, id) = stage(&house).await;
        provider.behave(|b| b.claims["email"] = json!("anna@globex.test"));
        let asked = get(&house, "/portal/sign-in", &[]).await;
        let page = through(&house, &provider, id, &button(&asked)).await;
        assert_eq!(page.status, 403);
        assert!(page.cookie(door::USER_COOKIE).is_none());
        assert!(page.body.contains("belongs to no user here"), "{}", page.body);
        assert!(page.body.contains("/portal/sign-in/leave"), "and can try again");
        let page = get(&house, "/portal/sign-in/leave?provider=idp_nobody", &[]).await;
        assert_eq!(page.status, 404);
        drop(provider);
        house.clock.advance(2 * 3_600_000);
        let page = get(&house, &button(&asked), &[]).await;
        assert_eq!(page.status, 502, "{}", page.body);
        assert!(page.body.contains("cannot be reached at the moment"), "{}", page.body);
    }
}
