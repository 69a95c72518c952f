//! The caller, tokens, sessions, administrators, roles, users, organizations.

use engine::sign_in;
use http::Request;
use serde_json::{Value, json};

use crate::rest_world::{PASSWORD, World, caller};

#[tokio::test]
async fn a_token_says_whose_it_is_and_cookies_mean_nothing() {
    let world = World::build().await;
    let me = world.get("/api/v1/me").await;
    assert_eq!((me["username"].as_str(), me["system"].as_bool()), (Some("fuller"), Some(false)));
    assert_eq!(me["organization"], world.acme.to_string());
    let system = world.send("GET", "/api/v1/me", Some(&world.tokens.system), &Value::Null).await.expect(200);
    assert_eq!((system["kind"].as_str(), system["system"].as_bool()), (Some("system"), Some(true)));
    let (session, _) = sign_in::sign_in(&world.engine, "fuller", PASSWORD, &caller()).await.unwrap();
    let request = Request::builder()
        .uri("/api/v1/me")
        .header(
            "cookie",
            door::set_session_cookie(door::Cookies::Administrators, &session).split(';').next().unwrap(),
        )
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(world.raw(request).await.status, 401);
    for scheme in ["Basic Zm9vOmJhcg==", "Bearer nmdm_wrong", "Bearer", "nmdm_"] {
        let request = Request::builder().uri("/api/v1/me").header("authorization", scheme);
        assert_eq!(world.raw(request.body(axum::body::Body::empty()).unwrap()).await.status, 401, "{scheme}");
    }
}

#[tokio::test]
async fn a_token_is_never_more_than_its_maker_and_its_secret_is_shown_once() {
    let world = World::build().await;
    let new = json!({ "name": "inventory", "permissions": ["devices.view"], "days": 1 });
    let made = world.full("POST", "/api/v1/tokens", new).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("nmdm_"));
    let list = world.full("GET", "/api/v1/tokens", Value::Null).await;
    assert!(!String::from_utf8_lossy(&list.bytes).contains(secret));
    assert_eq!(list.json["total"], 2);
    let narrow =
        async |method: &str, path: &str, body: Value| world.send(method, path, Some(secret), &body).await;
    assert_eq!(narrow("GET", "/api/v1/devices", Value::Null).await.status, 200);
    assert_eq!(narrow("GET", "/api/v1/journal", Value::Null).await.status, 403);
    let more = json!({ "name": "more", "permissions": ["journal.view"], "days": 1 });
    assert_eq!(narrow("POST", "/api/v1/tokens", more).await.status, 403);
    for (body, field) in [
        (json!({ "name": "", "permissions": ["devices.view"], "days": 1 }), "name"),
        (json!({ "name": "x", "permissions": ["devices.view"], "days": 0 }), "days"),
        (json!({ "name": "x", "permissions": [], "days": 1 }), "powers"),
        (json!({ "name": "x", "permissions": ["no.such"], "days": 1 }), "permissions[0]"),
    ] {
        let problem = world.full("POST", "/api/v1/tokens", body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    world
        .full("DELETE", &format!("/api/v1/tokens/{}", made["id"].as_str().unwrap()), Value::Null)
        .await
        .expect(204);
    assert_eq!(narrow("GET", "/api/v1/devices", Value::Null).await.status, 401);
    world.clock.advance(91 * 86_400_000);
    assert_eq!(world.full("GET", "/api/v1/me", Value::Null).await.status, 401, "tokens end");
}

#[tokio::test]
async fn a_limited_token_of_a_system_administrator_is_not_a_system_administrator() {
    let world = World::build().await;
    let new = json!({ "name": "narrow", "permissions": ["devices.view"], "days": 1 });
    let made = world.send("POST", "/api/v1/tokens", Some(&world.tokens.system), &new).await.expect(201);
    let narrow = made["secret"].as_str();
    assert_eq!(world.send("GET", "/api/v1/devices", narrow, &Value::Null).await.status, 200);
    for path in
        ["/api/v1/organizations", "/api/v1/installation/journal", "/api/v1/installation/administrators"]
    {
        assert_eq!(world.send("GET", path, narrow, &Value::Null).await.status, 403, "{path}");
    }
    // It is told in the organization's journal that it was made.
    let journal = world.get("/api/v1/journal?event=token.created").await;
    assert!(journal["items"].as_array().unwrap().iter().any(|row| row["body"]["name"] == "narrow"));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let world = World::build().await;
    for _ in 0..2 {
        sign_in::sign_in(&world.engine, "fuller", PASSWORD, &caller()).await.unwrap();
    }
    let list = world.get("/api/v1/sessions").await;
    assert_eq!(list["total"], 2, "the one of yesterday is over");
    let first = list["items"][0]["id"].as_str().unwrap();
    world.full("DELETE", &format!("/api/v1/sessions/{first}"), Value::Null).await.expect(204);
    assert_eq!(world.full("DELETE", &format!("/api/v1/sessions/{first}"), Value::Null).await.status, 404);
    assert_eq!(world.get("/api/v1/sessions").await["total"], 1);
    world.full("DELETE", "/api/v1/sessions", Value::Null).await.expect(204);
    assert_eq!(world.get("/api/v1/sessions").await["total"], 0);
}

#[tokio::test]
async fn ones_own_password_needs_the_old_one_and_cannot_be_tried_out() {
    let world = World::build().await;
    let change = |old: &str, new: &str| json!({ "old_password": old, "new_password": new });
    assert_eq!(world.full("POST", "/api/v1/me/password", change(PASSWORD, "short")).await.status, 422);
    let new = "another correct horse";
    world.full("POST", "/api/v1/me/password", change(PASSWORD, new)).await.expect(204);
    for _ in 0..5 {
        let problem = world.full("POST", "/api/v1/me/password", change("wrong", new)).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], "old_password");
    }
    let locked = world.full("POST", "/api/v1/me/password", change(new, PASSWORD)).await;
    assert_eq!(locked.status, 429);
    assert!(locked.header("retry-after").parse::<u64>().unwrap() > 60);
}

#[tokio::test]
async fn administrators_are_made_with_a_password_shown_once() {
    let world = World::build().await;
    let new = json!({ "username": "ise.one", "ise_admin": true, "allowed_networks": ["10.1.0.0/16"] });
    let made = world.full("POST", "/api/v1/administrators", new).await.expect(201);
    let password = made["password"].as_str().unwrap();
    assert_eq!(password.len(), 24);
    let path = format!("/api/v1/administrators/{}", made["administrator"]["id"].as_str().unwrap());
    let shown = world.full("GET", &path, Value::Null).await;
    assert!(!String::from_utf8_lossy(&shown.bytes).contains(password));
    assert_eq!(shown.json["role"], Value::Null);
    let edit = json!({ "role": { "predefined": "help_desk" }, "allowed_networks": [] });
    let edited = world.full("PATCH", &path, edit).await.expect(200);
    assert_eq!(edited["role"], json!({ "predefined": "help_desk" }));
    assert_eq!(edited["ise_admin"], true, "missing fields stay");
    let edited = world.full("PATCH", &path, json!({ "role": null })).await.expect(200);
    assert_eq!(edited["role"], Value::Null);
    let reset = world.full("POST", &format!("{path}/password"), json!({})).await.expect(200);
    assert_ne!(reset["password"], made["password"]);
    world.full("DELETE", &format!("{path}/sessions"), Value::Null).await.expect(204);
    for (body, field) in [
        (json!({ "username": "x" }), "username"),
        (json!({ "username": "nobody" }), "role"),
        (json!({ "username": "net", "ise_admin": true, "allowed_networks": ["10.1"] }), "allowed_networks"),
        (json!({ "username": "role", "role": { "predefined": "king" } }), "role"),
    ] {
        let problem = world.full("POST", "/api/v1/administrators", body.clone()).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let taken = json!({ "username": "gfull", "role": { "predefined": "read_only" } });
    assert_eq!(world.full("POST", "/api/v1/administrators", taken).await.status, 409);
    world.full("DELETE", &path, Value::Null).await.expect(204);
    let me = world.get("/api/v1/me").await["id"].as_str().unwrap().to_owned();
    assert_eq!(world.full("DELETE", &format!("/api/v1/administrators/{me}"), Value::Null).await.status, 409);
}

#[tokio::test]
async fn roles_round_trip_and_stale_edits_are_refused() {
    let world = World::build().await;
    let new = json!({ "name": "Couriers", "permissions": ["devices.view", "devices.block"] });
    let made = world.full("POST", "/api/v1/roles", new).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v1/roles/{id}");
    let tag = world.full("GET", &path, Value::Null).await.header("etag").to_owned();
    let replace = |tag: &str| {
        Request::builder()
            .method("PUT")
            .uri(&path)
            .header("authorization", format!("Bearer {}", world.tokens.full))
            .header("content-type", "application/json")
            .header("if-match", tag)
            .body(axum::body::Body::from(
                json!({ "name": "Couriers", "permissions": ["devices.view"] }).to_string(),
            ))
            .unwrap()
    };
    let replaced = world.raw(replace(&tag)).await;
    assert_eq!((replaced.status, replaced.header("etag") != tag), (200, true));
    let stale = world.raw(replace(&tag)).await;
    assert_eq!((stale.status, stale.json["type"].as_str()), (412, Some("urn:notifymdm:problem:changed")));
    assert_eq!(world.raw(replace("7")).await.status, 400);
    assert_eq!(world.raw(replace("*")).await.status, 200);
    let holder = json!({ "username": "courier", "role": { "custom": id }, "password": PASSWORD });
    world.full("POST", "/api/v1/administrators", holder).await.expect(201);
    assert_eq!(world.full("DELETE", &path, Value::Null).await.status, 409);
    assert_eq!(world.get("/api/v1/roles").await["total"], 1);
}

#[tokio::test]
async fn users_round_trip_and_page() {
    let world = World::build().await;
    let new = json!({
        "username": "Bert", "email": "bert@acme.test", "display_name": "Bert B", "liability": "individual",
        "password": "a good password",
    });
    let made = world.full("POST", "/api/v1/users", new).await.expect(201);
    assert_eq!((made["has_password"].as_bool(), made["state"].as_str()), (Some(true), Some("active")));
    let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
    let replaced =
        world.full("PUT", &path, json!({ "username": "bert", "state": "disabled" })).await.expect(200);
    assert_eq!(replaced["liability"], Value::Null, "what is left out becomes empty");
    assert_eq!(
        (replaced["has_password"].as_bool(), replaced["state"].as_str()),
        (Some(true), Some("disabled"))
    );
    for name in ["cleo", "dora", "emil"] {
        world.full("POST", "/api/v1/users", json!({ "username": name })).await.expect(201);
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/api/v1/users?limit=2{cursor}")).await;
        assert_eq!(page["total"], 5);
        names.extend(
            page["items"].as_array().unwrap().iter().map(|u| u["username"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["anna", "bert", "cleo", "dora", "emil"]);
    assert_eq!(world.get("/api/v1/users?q=BER").await["total"], 1);
    assert_eq!(world.full("GET", "/api/v1/users?cursor=%21", Value::Null).await.status, 422);
    let problem =
        world.full("POST", "/api/v1/users", json!({ "username": "a@b", "email": "x@other.test" })).await;
    assert_eq!(problem.expect(422)["errors"].as_array().unwrap().len(), 2, "all fields at once");
    assert_eq!(world.full("POST", "/api/v1/users", json!({ "username": "CLEO" })).await.status, 409);
    world.phone("cleo@acme.test", "CLEO1").await;
    let cleo = world.get("/api/v1/users?q=cleo").await["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.full("DELETE", &format!("/api/v1/users/{cleo}"), Value::Null).await.status, 409);
    world.full("DELETE", &format!("/api/v1/users/{cleo}?with_devices=true"), Value::Null).await.expect(204);
    assert_eq!(world.get("/api/v1/devices").await["total"], 0);
}

#[tokio::test]
async fn organizations_and_their_settings() {
    let world = World::build().await;
    let system = async |method: &str, path: &str, body: Value| {
        world.send(method, path, Some(&world.tokens.system), &body).await
    };
    let new = json!({ "slug": "initech", "name": "Initech", "mail_domains": ["Initech.test"] });
    let made = system("POST", "/api/v1/organizations", new.clone()).await.expect(201);
    assert_eq!(made["mail_domains"], json!(["initech.test"]));
    assert_eq!(system("POST", "/api/v1/organizations", new).await.status, 409);
    let path = format!("/api/v1/organizations/{}", made["id"].as_str().unwrap());
    let edited = system("PATCH", &path, json!({ "enabled": false })).await.expect(200);
    assert_eq!((edited["enabled"].as_bool(), edited["name"].as_str()), (Some(false), Some("Initech")));
    assert_eq!(system("GET", "/api/v1/organizations", Value::Null).await.expect(200)["total"], 3);

    let path = "/api/v1/installation/settings";
    let nothing = json!({ "default_organization": null, "journal_days": 0, "journal_body_days": 0 });
    assert_eq!(system("GET", path, Value::Null).await.expect(200), nothing);
    let chosen = json!({ "default_organization": made["id"], "journal_days": 365, "journal_body_days": 90 });
    assert_eq!(system("PUT", path, chosen.clone()).await.expect(200), chosen);
    assert_eq!(system("GET", path, Value::Null).await.expect(200), chosen);
    let nobody = json!({ "default_organization": format!("org_{}", "7".repeat(32)) });
    let problem = system("PUT", path, nobody).await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "default_organization", "{problem}");
    assert_eq!(world.full("PUT", path, chosen).await.status, 403, "not for an organization's administrator");

    let path = "/api/v1/organization/settings";
    let mut settings = world.get(path).await;
    settings["time_zone"] = json!("Europe/Berlin");
    settings["redirects"] = json!({ "ios": "https://acme.test/ios" });
    let replaced = world.full("PUT", path, settings.clone()).await.expect(200);
    assert_eq!(replaced, settings);
    for (field, value) in [
        ("time_zone", json!("Mars/Olympus")),
        ("redirects", json!({ "ios": "http://x" })),
        ("redirects.beos", json!({ "beos": "https://x" })),
        ("ise_page_size", json!(0)),
        ("ise_redirect_url", json!("http://acme.test/")),
        ("ise_redirect_url", json!("https://acme.test/<x>")),
        ("journal_days", json!(29)),
        ("journal_body_days", json!(3651)),
        ("command_history_days", json!(1)),
        ("exchange_days", json!(1)),
        ("default_suite", json!(format!("pol_{}", "7".repeat(32)))),
    ] {
        let mut wrong = settings.clone();
        wrong[field.split('.').next().unwrap()] = value;
        let problem = world.full("PUT", path, wrong).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let own = world.get("/api/v1/organization").await;
    assert_eq!(own["slug"], "acme");

    let admin = json!({ "username": "second-root", "role": { "predefined": "full" }, "password": PASSWORD });
    let made = system("POST", "/api/v1/installation/administrators", admin).await.expect(201);
    assert_eq!(made["administrator"]["kind"], "system");
    assert_eq!(made["password"], Value::Null, "one that was sent is not repeated");
    let journal =
        system("GET", "/api/v1/installation/journal?event=administrator.", Value::Null).await.expect(200);
    assert_eq!(journal["items"][0]["subject"], made["administrator"]["id"]);
}
