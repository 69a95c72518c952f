//! Who reaches what: every route as nobody, as a user, with a foreign form and with an administrator's cookie.

use domain::model::DeviceId;
use door::Access;
use engine::sign_in::{self, Caller};
use http::Method;

use crate::house::{House, PASSWORD, face, fields, houses};

fn filled(path: &str, id: DeviceId) -> String {
    path.replace("{id}", &id.to_string())
}

#[tokio::test]
async fn every_route_asks_who_it_is() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let caller = Caller { address: "192.0.2.1".parse().unwrap(), user_agent: "test".into() };
        let token = sign_in::setup_token(&house.engine).await.unwrap();
        let (root, _) = sign_in::create_first_administrator(&house.engine, &token, "root", PASSWORD, &caller)
            .await
            .unwrap();
        let staff = [
            format!("{}={root}", door::SESSION_COOKIE),
            format!("{}={root}", door::USER_COOKIE),
            format!("{}=nonsense", door::USER_COOKIE),
        ];
        let table = portal::table(face(&house.engine));
        assert!(table.len() > 15);
        for route in table.iter().filter(|route| route.access != Access::Public) {
            assert_eq!(route.access, Access::SignedIn, "{}: users hold no permissions", route.path);
            let path = filled(route.path, device.id);
            for cookie in [None].into_iter().chain(staff.iter().map(Some)) {
                let headers: Vec<_> = cookie.iter().map(|cookie| ("cookie", cookie.as_str())).collect();
                let page = house.send(route.method.clone(), &path, &headers, String::new()).await;
                assert_eq!(page.status, 303, "{} {path} as {cookie:?}", route.method);
                assert!(page.location.starts_with("/portal/sign-in"), "{}", page.location);
            }
        }
        for route in table.iter().filter(|route| route.access == Access::Public) {
            let page = house.send(route.method.clone(), route.path, &[], String::new()).await;
            assert!([200, 303, 401, 404].contains(&page.status), "{} {}", route.path, page.status);
        }
    }
}

#[tokio::test]
async fn a_form_of_another_page_does_nothing() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        let anna = house.sign_in("anna@acme.test").await;
        for route in portal::table(face(&house.engine)) {
            if route.method != Method::POST || route.access == Access::Public {
                continue;
            }
            let path = filled(route.path, device.id);
            let form = fields(&[("csrf", "wrong"), ("password", PASSWORD), ("name", "x")]);
            let cookie = [("cookie", anna.cookie.as_str())];
            assert_eq!(house.send(Method::POST, &path, &cookie, form).await.status, 403, "{path}");
            let site = [("cookie", anna.cookie.as_str()), ("sec-fetch-site", "cross-site")];
            let form = fields(&[("csrf", &anna.csrf), ("password", PASSWORD), ("name", "x")]);
            assert_eq!(house.send(Method::POST, &path, &site, form).await.status, 403, "{path}");
        }
        assert_eq!(*house.device(&device).unwrap(), *device, "nothing was done");
        assert_eq!(anna.get("/portal").await.status, 200, "and nobody was signed out");
    }
}

async fn sees_nothing_of(house: &House, who: &str, device: &domain::model::Device) {
    let browser = house.sign_in(who).await;
    let list = browser.get("/portal").await;
    assert!(!list.body.contains(&device.id.to_string()), "{who} sees it in the list");
    for route in portal::table(face(&house.engine)) {
        if !route.path.contains("{id}") {
            continue;
        }
        let path = filled(route.path, device.id);
        let page = match route.method {
            Method::GET => browser.get(&path).await,
            _ => browser.post(&path, &[("password", PASSWORD), ("name", "mine")]).await,
        };
        assert_eq!(page.status, 404, "{} {path} as {who}", route.method);
        assert!(!page.body.contains(&device.name), "{who} is told its name");
        let nothing = filled(route.path, domain::Id::new(1, &[7; 10]));
        let unknown = match route.method {
            Method::GET => browser.get(&nothing).await,
            _ => browser.post(&nothing, &[("password", PASSWORD), ("name", "mine")]).await,
        };
        assert_eq!(unknown.body, page.body, "what is another's is as if it were not there");
    }
}

#[tokio::test]
async fn nobody_sees_or_touches_anothers_device() {
    for house in houses().await {
        let device = house.phone("anna@acme.test", "A1").await;
        house.phone("bert@acme.test", "A1").await;
        house.phone("anna@globex.test", "A1").await;
        for who in ["bert@acme.test", "anna@globex.test", "bert@globex.test"] {
            sees_nothing_of(&house, who, &device).await;
        }
        assert_eq!(*house.device(&device).unwrap(), *device, "nothing was done");
        let anna = house.sign_in("anna@acme.test").await;
        assert!(anna.get("/portal").await.body.contains(&device.id.to_string()));
    }
}
