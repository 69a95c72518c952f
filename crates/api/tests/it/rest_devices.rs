//! Devices: by hand, the grid, facts, commands, joining, exports.

use http::Request;
use serde_json::{Value, json};

use crate::rest_world::{PASSWORD, World};

async fn by_hand(world: &World, body: Value) -> Value {
    let reply = world.full("POST", "/api/v1/devices", body).await;
    let location = reply.header("location").to_owned();
    let made = reply.expect(201);
    assert_eq!(location, format!("/api/v1/devices/{}", made["id"].as_str().unwrap()));
    made
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_device_entered_by_hand_is_known_before_it_is_heard_of() {
    let world = World::build().await;
    let made = by_hand(
        &world,
        json!({
            "user": world.anna.to_string(), "name": "Reserve phone", "platform": "android",
            "liability": "individual", "macs": ["00:26:b4:24:fe:b4"],
            "facts": { "serial_number": "S-1", "imei": "356938035643809" },
        }),
    )
    .await;
    assert_eq!((made["state"].as_str(), made["posture"].as_str()), (Some("enrolled"), Some("unknown")));
    assert_eq!(made["macs"], json!(["0026B424FEB4"]));
    assert_eq!(made["liability"], "individual");
    assert_eq!(made["facts"]["serial_number"]["value"], "S-1");
    assert_eq!(made["facts"]["serial_number"]["source"], "integration");
    assert_eq!(made["facts"]["serial_number"]["integration"], "fuller");
    let seen = world.get(&format!("/api/v1/devices/{}", id(&made))).await;
    assert_eq!(seen, made);
    // Every way of looking for it finds it.
    for text in ["reserve", "S-1", "356938035643809", "00-26-B4-24"] {
        let found = world.get(&format!("/api/v1/search?q={text}")).await;
        assert_eq!(found["devices"][0]["id"], made["id"], "{text}");
    }
}

#[tokio::test]
async fn bad_devices_are_refused_by_field() {
    let world = World::build().await;
    let anna = world.anna.to_string();
    for (body, field) in [
        (json!({ "user": anna, "macs": ["no"] }), "macs"),
        (json!({ "user": anna, "facts": { "os": "x" } }), "facts.os"),
        (json!({ "user": anna, "facts": { "no_such": "x" } }), "facts.no_such"),
        (json!({ "user": world.greta.to_string() }), "user"),
        (json!({ "user": "usr_1" }), "user"),
        (json!({ "name": "x" }), "user"),
        (json!({ "user": anna, "colour": "red" }), "colour"),
        (json!({ "user": anna, "platform": "beos" }), "platform"),
    ] {
        let problem = world.full("POST", "/api/v1/devices", body.clone()).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        assert_eq!(problem["type"], "urn:notifymdm:problem:invalid");
    }
    assert_eq!(world.get("/api/v1/devices").await["total"], 0);
}

#[tokio::test]
async fn the_list_filters_sorts_and_pages() {
    let world = World::build().await;
    for number in 0..7 {
        let platform = if number % 2 == 0 { "ios" } else { "android" };
        let name = format!("Phone {}", 6 - number);
        let facts = json!({ "asset_tag": format!("A{number}") });
        by_hand(
            &world,
            json!({ "user": world.anna.to_string(), "name": name, "platform": platform, "facts": facts }),
        )
        .await;
    }
    let mut names = Vec::new();
    let mut target = "/api/v1/devices?sort=name&limit=3&column=asset_tag&column=liability".to_owned();
    loop {
        let page = world.get(&target).await;
        assert_eq!(page["total"], 7);
        for item in page["items"].as_array().unwrap() {
            names.push(item["name"].as_str().unwrap().to_owned());
            assert!(item["columns"]["asset_tag"].as_str().unwrap().starts_with('A'));
            assert_eq!(item["columns"]["liability"], "corporate");
        }
        match page["next"].as_str() {
            Some(next) => {
                target = format!(
                    "/api/v1/devices?sort=name&limit=3&column=asset_tag&column=liability&cursor={next}"
                );
            }
            None => break,
        }
    }
    assert_eq!(names, (0..7).map(|n| format!("Phone {n}")).collect::<Vec<_>>());
    for (query, total) in [
        ("platform=ios", 4),
        ("platform=ios&platform=android", 7),
        ("posture=unknown", 7),
        ("posture=blocked", 0),
        ("contains=asset_tag:a3", 1),
        ("q=phone+2", 1),
        ("silent_hours=1", 7),
        ("state=wiped", 0),
    ] {
        assert_eq!(world.get(&format!("/api/v1/devices?{query}")).await["total"], total, "{query}");
    }
    let first = world.get("/api/v1/devices?sort=-name&limit=1").await;
    assert_eq!(first["items"][0]["name"], "Phone 6");
    for (query, field) in [
        ("colour=red", "colour"),
        ("sort=colour", "column"),
        ("column=colour", "column"),
        ("contains=colour", "contains"),
        ("contains=colour:red", "column"),
    ] {
        let problem = world.full("GET", &format!("/api/v1/devices?{query}"), Value::Null).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
    assert_eq!(world.full("GET", "/api/v1/devices?limit=many", Value::Null).await.status, 422);
}

#[tokio::test]
async fn edits_change_only_what_they_name() {
    let world = World::build().await;
    let made = by_hand(&world, json!({ "user": world.anna.to_string(), "name": "Phone" })).await;
    let path = format!("/api/v1/devices/{}", id(&made));
    let edited = world.full("PATCH", &path, json!({ "liability": "individual" })).await.expect(200);
    assert_eq!(
        (edited["name"].as_str(), edited["own_liability"].as_str()),
        (Some("Phone"), Some("individual"))
    );
    let edited = world.full("PATCH", &path, json!({ "liability": null, "name": "Other" })).await.expect(200);
    assert_eq!((edited["name"].as_str(), &edited["own_liability"]), (Some("Other"), &Value::Null));
    let fact = format!("{path}/facts/asset_tag");
    assert_eq!(world.full("GET", &fact, Value::Null).await.status, 404);
    let entered = world.full("PUT", &fact, json!({ "value": "A-7" })).await.expect(200);
    assert_eq!((entered["value"].as_str(), entered["source"].as_str()), (Some("A-7"), Some("integration")));
    assert_eq!(world.full("PUT", &fact, json!({ "value": 7 })).await.status, 422);
    assert_eq!(
        world.full("PUT", &format!("{path}/facts/auth_failures"), json!({ "value": 0 })).await.status,
        422
    );
    world.full("DELETE", &fact, Value::Null).await.expect(204);
    assert_eq!(world.full("GET", &fact, Value::Null).await.status, 404);
    let events: Vec<String> = world.get(&format!("{path}/timeline")).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(events.iter().filter(|e| *e == "device.updated").count(), 4);
    assert_eq!(events.last().map(String::as_str), Some("device.enrolled"));
    world.full("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(world.full("GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_mail_client_is_joined_with_the_record_made_by_hand() {
    let world = World::build().await;
    let made = by_hand(
        &world,
        json!({ "user": world.anna.to_string(), "name": "Reserve", "macs": ["0026B424FEB4"], "facts": { "asset_tag": "A1" } }),
    )
    .await;
    let phone = world.phone("anna@acme.test", "JOINME").await;
    let before = world.get(&format!("/api/v1/devices/{phone}")).await;
    let path = format!("/api/v1/devices/{}/join", id(&made));
    let joined = world.full("POST", &path, json!({ "other": phone.to_string() })).await.expect(200);
    assert_eq!((joined["id"].clone(), joined["name"].as_str()), (made["id"].clone(), Some("Reserve")));
    assert_eq!(joined["channels"][0]["external_id"], "JOINME");
    assert_eq!(joined["aliases"], json!([before["guid"]]));
    assert_eq!(joined["facts"]["asset_tag"]["value"], "A1");
    assert_eq!(joined["platform"], "ios");
    assert_eq!(world.full("GET", &format!("/api/v1/devices/{phone}"), Value::Null).await.status, 404);
    // The phone's next request reaches the joined record.
    assert_eq!(world.phone("anna@acme.test", "JOINME").await.to_string(), id(&made));
    let second = world.phone("anna@acme.test", "SECOND").await;
    assert_eq!(world.full("POST", &path, json!({ "other": second.to_string() })).await.status, 409);
    assert_eq!(world.full("POST", &path, json!({ "other": id(&made) })).await.status, 422);
}

#[tokio::test]
async fn commands_are_ordered_followed_and_taken_back() {
    let world = World::build().await;
    let phone = world.phone("anna@acme.test", "PHONE1").await;
    let path = format!("/api/v1/devices/{phone}/commands");
    let reply = world.full("POST", &path, json!({ "kind": "block", "note": "lost" })).await;
    let address = reply.header("location").to_owned();
    let done = reply.expect(201);
    assert_eq!((done["state"].as_str(), done["origin"].as_str()), (Some("acknowledged"), Some("rest")));
    assert_eq!(world.get(&address).await, done);
    let device = world.get(&format!("/api/v1/devices/{phone}")).await;
    assert_eq!(
        (device["posture"].as_str(), device["block"]["reason"].as_str()),
        (Some("blocked"), Some("lost"))
    );
    assert_eq!(world.full("POST", &path, json!({ "kind": "block" })).await.status, 409);
    world.full("POST", &path, json!({ "kind": "allow" })).await.expect(201);

    let wipe = world.full("POST", &path, json!({ "kind": "full_wipe" })).await.expect(201);
    assert_eq!(wipe["state"], "queued");
    assert_eq!(world.full("POST", &path, json!({ "kind": "full_wipe" })).await.expect(201)["id"], wipe["id"]);
    assert_eq!(world.get("/api/v1/commands").await["items"], json!([wipe]));
    assert_eq!(world.full("DELETE", &format!("/api/v1/devices/{phone}"), Value::Null).await.status, 409);
    let cancel = format!("/api/v1/commands/{}/cancel", id(&wipe));
    assert_eq!(world.full("POST", &cancel, Value::Null).await.expect(200)["state"], "cancelled");
    assert_eq!(
        world.full("POST", &cancel, Value::Null).await.expect(200)["state"],
        "cancelled",
        "once is enough"
    );
    assert_eq!(world.get(&path).await["total"], 3);
    // A help desk may block, but not wipe, and not take a wipe back.
    let desk = Some(world.tokens.help_desk.as_str());
    assert_eq!(world.send("POST", &path, desk, &json!({ "kind": "full_wipe" })).await.status, 403);
    assert_eq!(world.send("POST", &path, desk, &json!({ "kind": "block" })).await.status, 201);
}

#[tokio::test]
async fn a_change_that_takes_access_from_many_is_taken_and_waits() {
    let world = World::build().await;
    for number in 0..6 {
        world.phone("anna@acme.test", &format!("MANY{number}")).await;
    }
    let path = format!("/api/v1/users/{}", domain::model::UserId::to_string(&world.anna));
    let mut user = world.get(&path).await;
    let kept = ["username", "email", "display_name", "domain"];
    user.as_object_mut().unwrap().retain(|key, _| kept.contains(&key.as_str()));
    user["state"] = json!("disabled");
    let reply = world.full("PUT", &path, user).await;
    let address = reply.header("location").to_owned();
    let held = reply.expect(202);
    assert_eq!(held["type"], "urn:notifymdm:problem:held");
    assert_eq!(address, format!("/api/v1/approvals/{}", held["held"].as_str().unwrap()));
    assert_eq!(world.get(&path).await["state"], "active", "nothing was changed yet");
    let shown = world.get(&format!("{address}?limit=4")).await;
    assert_eq!((&shown["total"], &shown["held"]["withdraws"]), (&json!(6), &json!(6)));
    assert_eq!(shown["devices"].as_array().unwrap().len(), 4);
    assert!(shown["devices"][0]["because"][0]["detail"].is_string(), "{shown}");
    let next = shown["next"].as_str().unwrap();
    let rest = world.get(&format!("{address}?limit=4&cursor={next}")).await;
    assert_eq!((rest["devices"].as_array().unwrap().len(), &rest["next"]), (2, &json!(null)));
    let foreign = world.send("GET", &address, Some(&world.tokens.foreign), &json!(null)).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn an_order_for_many_has_an_outcome_for_each() {
    let world = World::build().await;
    let mut phones = Vec::new();
    for number in 0..6 {
        phones.push(world.phone("anna@acme.test", &format!("MANY{number}")).await.to_string());
    }
    let nobody = format!("dev_{}", "7".repeat(32));
    let mut devices = phones.clone();
    devices.push(nobody.clone());
    let body = json!({ "devices": devices, "kind": "account_wipe", "note": "left the company" });
    let outcome = world.full("POST", "/api/v1/commands", body).await.expect(200);
    let states: Vec<_> =
        outcome["items"].as_array().unwrap().iter().map(|o| &o["command"]["state"]).collect();
    assert_eq!(states[..5], ["queued"; 5]);
    assert_eq!(states[5], "awaiting_approval");
    assert_eq!(outcome["items"][6]["device"], nobody);
    assert_eq!(outcome["items"][6]["problem"]["status"], 404);
    assert_eq!(world.get("/api/v1/dashboard").await["awaiting_approval"], 1);
    let waiting = outcome["items"][5]["command"]["id"].as_str().unwrap();
    let approve = format!("/api/v1/commands/{waiting}/approve");
    let code = |code: &str| json!({ "code": code });
    assert_eq!(world.full("POST", &approve, code("000000")).await.status, 403, "one's own order");
    let other = Some(world.tokens.system.as_str());
    assert_eq!(world.send("POST", &approve, other, &code("000000")).await.status, 403, "no second factor");
    let spare = second_factor(&world).await;
    assert_eq!(world.send("POST", &approve, other, &code("000000")).await.status, 422);
    assert_eq!(world.send("POST", &approve, other, &code(&spare)).await.expect(200)["state"], "queued");
    assert_eq!(world.get("/api/v1/approvals").await["total"], 0);
    for body in
        [json!({ "devices": [], "kind": "block" }), json!({ "devices": vec![nobody; 1001], "kind": "block" })]
    {
        assert_eq!(world.full("POST", "/api/v1/commands", body).await.status, 422);
    }
}

/// Sets one up for the system administrator, by REST alone; one of its recovery codes.
async fn second_factor(world: &World) -> String {
    let system = Some(world.tokens.system.as_str());
    let factor = "/api/v1/me/second-factor";
    let offer = world.send("POST", factor, system, &json!({ "password": PASSWORD })).await.expect(200);
    let secret = engine::second_factor::from_base32(offer["secret"].as_str().unwrap()).unwrap();
    let first = engine::second_factor::present_code(&secret, world.engine.now());
    let confirm = format!("{factor}/confirm");
    let made = world.send("POST", &confirm, system, &json!({ "code": first })).await.expect(200);
    let me = world.send("GET", "/api/v1/me", system, &Value::Null).await.expect(200);
    assert_eq!((&me["second_factor"], &me["recovery_codes"]), (&json!(true), &json!(10)));
    assert!(!me.to_string().contains(offer["secret"].as_str().unwrap()));
    made["recovery_codes"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn exports_are_files_and_are_journaled() {
    let world = World::build().await;
    by_hand(&world, json!({ "user": world.anna.to_string(), "name": "=cmd()" })).await;
    let csv = world.full("GET", "/api/v1/exports/devices.csv?column=name&column=user", Value::Null).await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"devices.csv\"");
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("\"'=cmd()\""), "{text}");
    let json = world.full("GET", "/api/v1/exports/devices.json?column=name", Value::Null).await.expect(200);
    assert_eq!(json, json!([{ "name": "=cmd()" }]));
    let journal = world.get("/api/v1/journal?event=device.exported").await;
    assert_eq!(journal["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn traces_run_for_a_time_and_say_who_started_them() {
    let world = World::build().await;
    let path = format!("/api/v1/users/{}/trace", world.anna);
    assert_eq!(world.full("GET", &path, Value::Null).await.status, 404);
    for minutes in [0, 241] {
        assert_eq!(world.full("PUT", &path, json!({ "minutes": minutes })).await.status, 422);
    }
    world.full("PUT", &path, json!({ "minutes": 10 })).await.expect(204);
    let trace = world.get(&path).await;
    assert_eq!(trace["until"].as_i64().unwrap(), world.clock.now() + 600_000);
    assert!(trace["started_by"].as_str().unwrap().contains("fuller"));
    world.full("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(world.get(&path).await["until"].as_i64().unwrap(), world.clock.now());
    let phone = world.phone("anna@acme.test", "TRACED").await;
    assert_eq!(world.get(&format!("/api/v1/devices/{phone}/exchanges")).await["total"], 0);
}

#[tokio::test]
async fn broken_requests_are_refused_in_the_same_dialect() {
    let world = World::build().await;
    let post = |body: &'static str, media: &str| {
        Request::builder()
            .method("POST")
            .uri("/api/v1/devices")
            .header("authorization", format!("Bearer {}", world.tokens.full))
            .header("content-type", media)
            .body(axum::body::Body::from(body))
            .unwrap()
    };
    for (body, media, status) in [
        ("{", "application/json", 400),
        ("", "application/json", 400),
        ("{}", "text/plain", 415),
        ("{}", "application/x-www-form-urlencoded", 415),
        ("[]", "application/json; charset=utf-8", 422),
    ] {
        let reply = world.raw(post(body, media)).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, "application/problem+json"),
            "{body}"
        );
        assert_eq!(reply.json["status"], status);
    }
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(2 << 20));
    let reply = world.raw(post(Box::leak(large.into_boxed_str()), "application/json")).await;
    assert_eq!(reply.status, 413);
    let unknown = world.send("GET", "/api/v1/no/such", None, &Value::Null).await;
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "application/problem+json"));
    let method = world.send("DELETE", "/api/v1/devices", None, &Value::Null).await;
    assert_eq!((method.status, method.header("content-type")), (405, "application/problem+json"));
    assert!(method.header("allow").contains("POST"), "{}", method.header("allow"));
    let reply = world.send("GET", "/api/v1/me", None, &Value::Null).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer realm=\"NotifyMDM\""));
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn saved_views_are_ones_own() {
    let world = World::build().await;
    let new = json!({
        "name": "Lost iPads", "search": "ipad", "sort": "-user", "columns": ["name", "macs"],
        "filters": [{ "key": "platform", "value": "ios" }, { "key": "silent", "value": "168" }],
    });
    let made = world.full("POST", "/api/v1/views", new.clone()).await.expect(201);
    let path = format!("/api/v1/views/{}", made["id"].as_str().unwrap());
    let shown = world.get(&path).await;
    for key in ["name", "search", "sort", "columns", "filters"] {
        assert_eq!(shown[key], new[key], "{key}");
    }
    assert_eq!(world.full("POST", "/api/v1/views", new.clone()).await.status, 409, "the name is taken");
    for stranger in [&world.tokens.foreign, &world.tokens.system] {
        let all = world.send("GET", "/api/v1/views", Some(stranger), &Value::Null).await;
        assert!(all.status == 404 || all.expect(200)["total"] == 0);
        for method in ["GET", "PUT", "DELETE"] {
            assert_eq!(world.send(method, &path, Some(stranger), &new).await.status, 404, "{method}");
        }
    }
    for (field, value) in [
        ("name", json!("")),
        ("sort", json!("password")),
        ("columns", json!(["password"])),
        ("filters", json!([{ "key": "platform", "value": "amiga" }])),
    ] {
        let mut bad = new.clone();
        bad[field] = value;
        let problem = world.full("PUT", &path, bad).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let renamed = world.full("PUT", &path, json!({ "name": "All" })).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["filters"]), (&json!("All"), &json!([])));
    world.full("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(world.full("GET", &path, Value::Null).await.status, 404);
    assert_eq!(world.get("/api/v1/views").await["total"], 0);
}

#[tokio::test]
async fn the_journal_is_filtered_by_actor_and_time() {
    let world = World::build().await;
    let all = world.get("/api/v1/journal?limit=500").await;
    let first = &all["items"][0];
    let (at, actor) = (first["at"].as_i64().unwrap(), first["actor"].as_str().unwrap());
    let here = world.get(&format!("/api/v1/journal?limit=500&from={at}&until={}", at + 1)).await;
    assert!(here["items"].as_array().unwrap().iter().any(|row| row == first), "{here}");
    let before = world.get(&format!("/api/v1/journal?until={at}")).await;
    assert!(before["items"].as_array().unwrap().iter().all(|row| row["at"].as_i64().unwrap() < at));
    let by = actor.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
    let by = world.get(&format!("/api/v1/journal?limit=500&actor={by}")).await;
    let rows = by["items"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["actor"] == actor), "{by}");
    assert_eq!(world.get("/api/v1/journal?actor=nobody").await["items"], json!([]));
}
