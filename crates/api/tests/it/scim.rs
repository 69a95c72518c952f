//! SCIM 2.0 as a client of RFC 7644's examples, and as Entra ID and Okta send it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use door::{Cookies, Face, Peer, TrustedProxies};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::rest_world::World;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

struct Client {
    world: World,
    router: Router,
}

struct Reply {
    status: u16,
    etag: String,
    location: String,
    body: Value,
}

impl Client {
    async fn new() -> Self {
        let world = World::build().await;
        let face = Face {
            engine: Arc::clone(&world.engine),
            cookies: Cookies::Administrators,
            tokens: false,
            refuse: api::scim::refuse,
        };
        Self { router: api::scim::router(face, TrustedProxies::default()), world }
    }

    async fn send(
        &self,
        token: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{target}"))
            .header("host", "mdm.acme.test")
            .header("content-type", "application/scim+json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(Peer("192.0.2.1:40000".parse::<SocketAddr>().unwrap()));
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let header =
            |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if !bytes.is_empty() {
            assert_eq!(header("content-type"), "application/scim+json", "{target} {body}");
        }
        let reply =
            Reply { status: head.status.as_u16(), etag: header("etag"), location: header("location"), body };
        if reply.status >= 400 {
            assert_eq!(reply.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{target}");
            assert_eq!(reply.body["status"], reply.status.to_string(), "{target}");
        }
        reply
    }

    /// As acme's administrator with the role Full.
    async fn call(&self, method: &str, target: &str, body: Value) -> Reply {
        let text = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.world.tokens.full, method, &format!("/acme{target}"), &[], text).await
    }

    async fn ok(&self, method: &str, target: &str, body: Value, status: u16) -> Value {
        let reply = self.call(method, target, body).await;
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.body);
        reply.body
    }

    async fn user(&self, name: &str) -> String {
        let body = json!({ "schemas": [CORE], "userName": name });
        let made = self.ok("POST", "/Users", body, 201).await;
        made["id"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, target: &str, operations: Value, status: u16) -> Value {
        self.ok("PATCH", target, json!({ "schemas": [PATCH], "Operations": operations }), status).await
    }
}

#[tokio::test]
async fn a_user_lives_as_in_the_examples_of_the_rfc() {
    let client = Client::new().await;
    let body = json!({
        "schemas": [CORE], "externalId": "bjensen", "userName": "bjensen@acme.test", "password": "t1meMa$heen",
        "name": { "formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara" },
        "emails": [{ "value": "babs@acme.test", "type": "home" }, { "value": "barbara@acme.test", "type": "work", "primary": "True" }],
        "phoneNumbers": [{ "value": "+1 555 555 8377", "type": "work" }],
        "nickName": "Babs",
    });
    let reply = client.call("POST", "/Users", body.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let made = reply.body;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.location, format!("https://mdm.acme.test/scim/v2/acme/Users/{id}"));
    assert_eq!(made["meta"]["location"], reply.location);
    assert_eq!(made["userName"], "bjensen@acme.test", "as it was sent");
    assert_eq!((&made["externalId"], &made["active"]), (&json!("bjensen"), &json!(true)));
    assert_eq!(made["emails"], json!([{ "value": "barbara@acme.test", "type": "work", "primary": true }]));
    assert_eq!(made["displayName"], "Ms. Barbara J Jensen III");
    assert!(made.get("password").is_none());
    let user =
        engine::users::get(&client.world.engine, &client.world.root_in_acme, id.parse().unwrap()).unwrap();
    assert_eq!(user.username, "bjensen", "people sign in without the domain");
    let again = client.call("POST", "/Users", body.clone()).await;
    assert_eq!((again.status, &again.body["scimType"]), (409, &json!("uniqueness")));

    let read = client.call("GET", &format!("/Users/{id}"), Value::Null).await;
    assert_eq!(
        (read.status, &read.body, read.etag.as_str()),
        (200, &made, made["meta"]["version"].as_str().unwrap())
    );
    let target = format!("/acme/Users/{id}");
    let (full, none) = (client.world.tokens.full.clone(), Body::empty);
    let same = client.send(&full, "GET", &target, &[("if-none-match", &read.etag)], none()).await;
    assert_eq!(same.status, 304);
    let cut = client.ok("GET", &format!("/Users/{id}?attributes=userName"), Value::Null, 200).await;
    assert!(cut.get("emails").is_none() && cut["userName"] == "bjensen@acme.test");

    let stale =
        client.send(&full, "PUT", &target, &[("if-match", "W/\"99\"")], Body::from(body.to_string())).await;
    assert_eq!(stale.status, 412);
    let replaced =
        json!({ "userName": "bjensen@acme.test", "name": { "givenName": "Barb" }, "active": false });
    let replaced = client.ok("PUT", &format!("/Users/{id}"), replaced, 200).await;
    assert_eq!((&replaced["active"], &replaced["name"]), (&json!(false), &json!({ "givenName": "Barb" })));
    assert_eq!(replaced["emails"][0]["value"], "bjensen@acme.test", "a name that is an address is one");
    let idle = client
        .ok(
            "PUT",
            &format!("/Users/{id}"),
            json!({ "userName": "bjensen@acme.test",
        "name": { "givenName": "Barb" }, "displayName": replaced["displayName"], "active": "False" }),
            200,
        )
        .await;
    assert_eq!(idle["meta"]["version"], replaced["meta"]["version"], "the same again is no change");
    let gone = client.call("DELETE", &format!("/Users/{id}"), Value::Null).await;
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    client.ok("GET", &format!("/Users/{id}"), Value::Null, 404).await;
}

#[tokio::test]
async fn entra_and_okta_are_understood() {
    let client = Client::new().await;
    let id = client.user("kim@acme.test").await;
    let target = format!("/Users/{id}");
    // Entra: letter case, truth values as texts, paths with filters, one operation for each attribute.
    let entra = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Add", "path": "name.givenName", "value": "Kim" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "kim.lee@acme.test" },
        { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+41 44 1" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "D" },
        { "op": "Replace", "path": "externalId", "value": "kim" },
    ]);
    let changed = client.patch(&target, entra, 200).await;
    assert_eq!(changed["active"], false);
    assert_eq!(changed["emails"][0]["value"], "kim.lee@acme.test");
    assert_eq!(changed["phoneNumbers"][0]["value"], "+41 44 1");
    assert_eq!((&changed["name"]["givenName"], &changed["externalId"]), (&json!("Kim"), &json!("kim")));
    // Okta: one operation without a path.
    let okta = client
        .patch(
            &target,
            json!([{ "op": "replace", "value": { "active": true, "name.familyName": "Lee" } }]),
            200,
        )
        .await;
    assert_eq!((&okta["active"], &okta["name"]["familyName"]), (&json!(true), &json!("Lee")));
    for (filter, total) in [
        ("userName eq \"KIM@acme.test\"", 1),
        ("userName eq \"nobody@acme.test\"", 0),
        ("externalId eq \"kim\"", 1),
        ("emails[type eq \"work\"].value eq \"x\"", -1),
        ("emails.value eq \"kim.lee@acme.test\" and active eq true", 1),
        ("name.familyName sw \"L\" or userName eq \"x\"", 1),
        ("not (active eq \"True\")", 0),
    ] {
        let encoded: String = filter.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
        let reply = client.call("GET", &format!("/Users?filter={encoded}"), Value::Null).await;
        if total < 0 {
            assert_eq!((reply.status, &reply.body["scimType"]), (400, &json!("invalidFilter")), "{filter}");
        } else {
            assert_eq!(reply.body["totalResults"], total, "{filter} {}", reply.body);
        }
    }
    let search = json!({ "filter": "userName sw \"kim\"", "count": 0 });
    let found = client.ok("POST", "/Users/.search", search, 200).await;
    assert_eq!(
        (&found["totalResults"], &found["Resources"]),
        (&json!(1), &json!([])),
        "a count of none counts"
    );
}

#[tokio::test]
async fn groups_and_their_members() {
    let client = Client::new().await;
    let (one, two) = (client.user("one").await, client.user("two").await);
    let body = json!({ "displayName": "Tour Guides", "members": [{ "value": one }] });
    let group = client.ok("POST", "/Groups", body.clone(), 201).await;
    let target = format!("/Groups/{}", group["id"].as_str().unwrap());
    assert_eq!(group["members"][0]["value"], json!(one));
    assert_eq!(client.call("POST", "/Groups", body).await.status, 409);
    let names = |group: &Value| {
        let mut all: Vec<String> = group["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["display"].as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all.join(",")
    };
    let add = json!([{ "op": "Add", "path": "members", "value": [{ "value": two }, { "value": one }] }]);
    assert_eq!(names(&client.patch(&target, add, 200).await), "one,two");
    let remove = json!([{ "op": "Remove", "path": format!("members[value eq \"{one}\"]") }]);
    assert_eq!(names(&client.patch(&target, remove, 200).await), "two");
    let remove = json!([{ "op": "remove", "path": "members", "value": [{ "value": two }] }]);
    assert_eq!(names(&client.patch(&target, remove, 200).await), "");
    let replace =
        json!([{ "op": "replace", "value": { "displayName": "Guides", "members": [{ "value": one }] } }]);
    let replaced = client.patch(&target, replace, 200).await;
    assert_eq!((names(&replaced).as_str(), &replaced["displayName"]), ("one", &json!("Guides")));
    let user = client.ok("GET", &format!("/Users/{one}"), Value::Null, 200).await;
    assert_eq!(user["groups"][0]["display"], "Guides");
    let without = client
        .ok(
            "GET",
            "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22guides%22",
            Value::Null,
            200,
        )
        .await;
    assert_eq!(without["totalResults"], 1);
    assert!(without["Resources"][0].get("members").is_none());
    let stranger =
        json!([{ "op": "add", "path": "members", "value": [{ "value": client.world.greta.to_string() }] }]);
    let refused = client.patch(&target, stranger, 400).await;
    assert_eq!(refused["scimType"], "invalidValue", "another organization's user does not exist");
    client.patch(&target, json!([{ "op": "remove", "path": "displayName" }]), 400).await;
    client.patch(&target, json!([{ "op": "add", "path": "colour", "value": "red" }]), 400).await;
    client.ok("DELETE", &target, Value::Null, 204).await;
}

#[tokio::test]
async fn lists_come_in_pages_and_the_service_describes_itself() {
    let client = Client::new().await;
    for number in 0..7 {
        client.user(&format!("u{number}")).await;
    }
    let total = client.ok("GET", "/Users", Value::Null, 200).await["totalResults"].as_u64().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for start in (1..=total).step_by(3) {
        let page = client.ok("GET", &format!("/Users?startIndex={start}&count=3"), Value::Null, 200).await;
        assert_eq!((&page["startIndex"], &page["totalResults"]), (&json!(start), &json!(total)));
        for user in page["Resources"].as_array().unwrap() {
            assert!(seen.insert(user["id"].as_str().unwrap().to_owned()), "nobody twice");
        }
    }
    assert_eq!(seen.len() as u64, total);
    client.ok("GET", "/Users?startIndex=-5&count=-1", Value::Null, 200).await;
    client.ok("GET", "/Users?count=many", Value::Null, 400).await;
    let config = client.ok("GET", "/ServiceProviderConfig", Value::Null, 200).await;
    assert_eq!((&config["patch"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(false)));
    assert_eq!(client.ok("GET", "/ResourceTypes", Value::Null, 200).await["totalResults"], 2);
    assert_eq!(client.ok("GET", "/ResourceTypes/User", Value::Null, 200).await["endpoint"], "/Users");
    assert_eq!(client.ok("GET", "/Schemas", Value::Null, 200).await["totalResults"], 3);
    assert_eq!(client.ok("GET", &format!("/Schemas/{CORE}"), Value::Null, 200).await["name"], "User");
    client.ok("GET", "/Schemas/urn:x", Value::Null, 404).await;
    client.ok("GET", "/Nothing", Value::Null, 404).await;
    assert_eq!(client.call("PUT", "/Users", json!({})).await.status, 405);
}

#[tokio::test]
async fn only_tokens_that_may_provision_and_only_in_their_own_organization() {
    let client = Client::new().await;
    let id = client.user("anna2").await;
    let tokens = &client.world.tokens;
    for (token, target, status) in [
        ("", "/acme/Users", 401),
        ("nmdm_wrong", "/acme/Users", 401),
        (tokens.read_only.as_str(), "/acme/Users", 403),
        (tokens.help_desk.as_str(), "/acme/Users", 403),
        (tokens.foreign.as_str(), "/acme/Users", 404),
        (tokens.full.as_str(), "/globex/Users", 404),
        (tokens.full.as_str(), "/none/Users", 404),
        (tokens.foreign.as_str(), "/globex/Users", 200),
    ] {
        let reply = client.send(token, "GET", target, &[], Body::empty()).await;
        assert_eq!(reply.status, status, "{target} {}", reply.body);
    }
    for method in ["GET", "DELETE"] {
        let foreign =
            client.send(&tokens.foreign, method, &format!("/globex/Users/{id}"), &[], Body::empty()).await;
        assert_eq!(foreign.status, 404, "another organization's user does not exist");
    }
    client.ok("GET", &format!("/Users/{id}"), Value::Null, 200).await;
}

#[tokio::test]
async fn malformed_requests_are_refused_in_scims_words() {
    let client = Client::new().await;
    let id = client.user("victim").await;
    let full = client.world.tokens.full.clone();
    let before = client.ok("GET", &format!("/Users/{id}"), Value::Null, 200).await;
    let good = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "name.givenName", "value": "X" }] });
    let good = good.to_string();
    // Every prefix, and every byte replaced by ones that break JSON, texts or numbers.
    let mut corpus: Vec<Vec<u8>> = (0..good.len()).map(|end| good.as_bytes()[..end].to_vec()).collect();
    for at in 0..good.len() {
        for byte in [b'"', b'{', b'[', 0, 0xFF] {
            let mut mutant = good.clone().into_bytes();
            mutant[at] = byte;
            corpus.push(mutant);
        }
    }
    for value in [
        json!(null),
        json!(7),
        json!([]),
        json!({ "a": [[[]]] }),
        json!("x".repeat(5_000)),
        json!({ "userName": [] }),
        json!({ "userName": {} }),
        json!({ "userName": "" }),
        json!({ "userName": "victim", "active": "maybe" }),
        json!({ "userName": "victim", "emails": 5 }),
        json!({ "userName": "victim", "emails": [{ "value": {} }] }),
    ] {
        corpus.push(value.to_string().into_bytes());
    }
    for mutant in corpus {
        for (method, target) in [("PATCH", format!("/acme/Users/{id}")), ("POST", "/acme/Users".to_owned())] {
            let reply = client.send(&full, method, &target, &[], Body::from(mutant.clone())).await;
            let shown = String::from_utf8_lossy(&mutant).into_owned();
            assert!(reply.status < 500, "{method} {shown}: {}", reply.body);
            if reply.status == 201 {
                let made = reply.body["id"].as_str().unwrap().to_owned();
                client.ok("DELETE", &format!("/Users/{made}"), Value::Null, 204).await;
            }
        }
    }
    let after = client.ok("GET", &format!("/Users/{id}"), Value::Null, 200).await;
    assert_eq!(before["userName"], after["userName"]);
    let kind =
        client.send(&full, "POST", "/acme/Users", &[("x", "y")], Body::from(vec![b' '; 5 << 20])).await;
    assert_eq!(kind.status, 413);
}

#[tokio::test]
async fn custom_columns_are_an_extension() {
    let client = Client::new().await;
    let input = engine::custom_columns::ColumnInput {
        name: "Cost centre".into(),
        help: String::new(),
        kind: domain::model::CustomKind::Number,
        scope: domain::model::CustomScope::User,
        required: false,
        default: String::new(),
    };
    engine::custom_columns::create(&client.world.engine, &client.world.root_in_acme, input).await.unwrap();
    let id = client.user("carla").await;
    let path = "urn:ietf:params:scim:schemas:extension:notifymdm:2.0:User";
    let set = |value: &str| json!([{ "op": "add", "path": format!("{path}:Cost centre"), "value": value }]);
    let changed = client.patch(&format!("/Users/{id}"), set("0042"), 200).await;
    assert_eq!(changed[path]["Cost centre"], "42");
    let refused = client.patch(&format!("/Users/{id}"), set("many"), 400).await;
    assert!(refused["detail"].as_str().unwrap().contains("number"), "{refused}");
}
