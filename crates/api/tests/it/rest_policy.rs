//! Policy suites, access restrictions, servers, ISE, journal, dashboard, catalogue.

use catalog::Powers;
use domain::model::DeviceId;
use engine::{devices, eas};
use serde_json::{Value, json};

use crate::rest_world::World;

#[tokio::test]
async fn a_suite_is_drafted_published_rolled_back_and_replaced() {
    let world = World::build().await;
    let new = json!({ "name": "Field", "template": "low" });
    let made = world.full("POST", "/api/v1/policy-suites", new).await.expect(201);
    assert_eq!((&made["published"], made["draft_differs"].as_bool()), (&Value::Null, Some(true)));
    let path = format!("/api/v1/policy-suites/{}", made["id"].as_str().unwrap());
    assert_eq!(world.full("POST", &format!("{path}/make-default"), Value::Null).await.status, 409);
    let changes = world.get(&format!("{path}/difference")).await;
    assert!(changes["total"].as_u64().unwrap() > 0);
    assert!(changes["items"][0]["sentence"].as_str().unwrap().contains('→'));
    let published =
        world.full("POST", &format!("{path}/publish"), json!({ "note": "first" })).await.expect(200);
    assert_eq!(published["revision"], 1);
    assert_eq!(
        world.full("POST", &format!("{path}/publish"), json!({})).await.status,
        409,
        "nothing changed"
    );

    let mut draft = made["draft"].clone();
    draft["corporate"]["password.min_length"] = json!(8);
    let body = json!({ "name": "Field", "description": "For crews", "draft": draft });
    let replaced = world.full("PUT", &path, body).await.expect(200);
    assert_eq!(replaced["draft"]["corporate"]["password.min_length"], 8);
    let words = world.get(&format!("{path}/difference")).await;
    assert_eq!(
        (words["total"].as_u64(), words["items"][0]["direction"].as_str()),
        (Some(1), Some("stricter"))
    );
    world.full("POST", &format!("{path}/publish"), json!({})).await.expect(200);
    let back = world.full("POST", &format!("{path}/roll-back"), json!({ "revision": 1 })).await.expect(200);
    assert_eq!(back["revision"], 3);
    let revisions = world.get(&format!("{path}/revisions")).await;
    assert_eq!(revisions["items"][0]["values"], revisions["items"][2]["values"]);
    assert_eq!(world.full("POST", &format!("{path}/roll-back"), json!({ "revision": 9 })).await.status, 404);

    world.full("POST", &format!("{path}/make-default"), Value::Null).await.expect(204);
    let phone = world.phone("anna@acme.test", "POLICY").await;
    let list = world.get("/api/v1/policy-suites").await;
    let field = list["items"].as_array().unwrap().iter().find(|s| s["name"] == "Field").unwrap();
    assert_eq!((field["is_default"].as_bool(), field["devices"].as_u64()), (Some(true), Some(1)));
    let affected = format!("{path}/affected-devices");
    provision(&world, phone).await;
    assert_eq!(world.get(&affected).await["total"], 0, "the draft is what is published");
    let mut draft = revisions["items"][1]["values"].clone();
    draft["corporate"]["password.min_length"] = json!(9);
    world.full("PUT", &path, json!({ "name": "Field", "draft": draft })).await.expect(200);
    assert_eq!(world.get(&affected).await["items"], json!([phone.to_string()]));
    let copy = world.full("POST", &format!("{path}/copy"), json!({ "name": "Field 2" })).await.expect(201);
    assert_eq!(world.full("POST", &format!("{path}/copy"), json!({ "name": "Field 2" })).await.status, 409);
    assert_eq!(world.full("DELETE", &path, Value::Null).await.status, 409, "it is in use");
    let replacement = copy["id"].as_str().unwrap();
    let by_copy = format!("{path}?replacement={replacement}");
    assert_eq!(world.full("DELETE", &by_copy, Value::Null).await.status, 409, "the copy is a draft");
    world.full("POST", &format!("/api/v1/policy-suites/{replacement}/publish"), json!({})).await.expect(200);
    world.full("DELETE", &by_copy, Value::Null).await.expect(204);
    assert_eq!(world.get("/api/v1/organization/settings").await["default_suite"], replacement);
}

/// The phone fetches its policy and acknowledges it in full.
async fn provision(world: &World, id: DeviceId) {
    let device = |id| devices::get(&world.engine, &world.root_in_acme, id).unwrap();
    let offer = eas::send_policy(&world.engine, &device(id), "16.1").await.unwrap();
    eas::acknowledge(&world.engine, &device(id), &offer.temporary_key.to_string(), 1).await.unwrap();
}

#[tokio::test]
async fn bad_values_are_refused_by_column_and_key() {
    let world = World::build().await;
    let draft = json!({
        "corporate": { "password.min_length": 99, "device.allow_camera": "maybe" }, "individual": { "no.such": true },
    });
    let body = json!({ "name": "Wrong", "draft": draft });
    let problem = world.full("POST", "/api/v1/policy-suites", body).await.expect(422);
    let fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    for field in ["corporate.password.min_length", "corporate.device.allow_camera", "individual.no.such"] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    let template = json!({ "name": "Wrong", "template": "royal" });
    let problem = world.full("POST", "/api/v1/policy-suites", template).await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "template");
}

#[tokio::test]
async fn restrictions_are_previewed_saved_and_excepted() {
    let world = World::build().await;
    let phone = world.phone("anna@acme.test", "RULES").await;
    world.clock.advance(100 * 3_600_000);
    let rule =
        json!({ "edit": "rule", "rule": "no_contact", "config": { "on": true, "params": { "hours": 72 } } });
    let level = json!({
        "edit": "level", "level": { "level": "organization" },
        "restrictions": { "no_contact": ["activesync_connections", "network_access"] },
    });
    let edits = json!({ "edits": [rule, level] });
    let preview = world.full("POST", "/api/v1/access-restrictions/preview", edits.clone()).await.expect(200);
    assert_eq!(preview["total"], 2, "{preview}");
    assert_eq!(
        (preview["items"][0]["device"].as_str(), preview["items"][0]["closes"].as_bool()),
        (Some(phone.to_string().as_str()), Some(true))
    );
    assert_eq!(
        world.get("/api/v1/access-restrictions").await["rules"],
        json!({}),
        "a preview stores nothing"
    );

    let saved = world.full("POST", "/api/v1/access-restrictions/edits", edits).await.expect(200);
    assert_eq!(saved["rules"]["no_contact"]["params"]["hours"], 72);
    assert_eq!(saved["levels"][0]["level"], json!({ "level": "organization" }));
    let device = world.get(&format!("/api/v1/devices/{phone}")).await;
    assert_eq!(device["posture"], "restricted");
    let findings = device["findings"].as_array().unwrap();
    assert!(findings.iter().any(|f| f["rule"] == "no_contact"), "{findings:?}");
    assert!(device["access"].as_array().unwrap().iter().take(2).all(|t| t["allowed"] == false));

    let exception = json!({ "edits": [{
        "edit": "exception", "level": { "level": "device", "subject": phone.to_string() },
        "exception": { "kind": "never", "expires_at": null, "note": "board member" },
    }] });
    let saved = world.full("POST", "/api/v1/access-restrictions/edits", exception).await.expect(200);
    assert_eq!(saved["exceptions"][0]["exception"]["note"], "board member");
    assert_ne!(world.get(&format!("/api/v1/devices/{phone}")).await["posture"], "restricted");

    for (edit, status) in [
        (json!({ "edit": "rule", "rule": "no_such", "config": null }), 422),
        (json!({ "edit": "rule", "rule": "no_contact", "config": { "on": true, "colour": 1 } }), 422),
        (
            json!({ "edit": "rule", "rule": "no_contact", "config": { "on": true, "params": { "hours": "x" } } }),
            422,
        ),
        (
            json!({ "edit": "level", "level": { "level": "organization" }, "restrictions": { "no_such": [] } }),
            422,
        ),
        (
            json!({ "edit": "level", "level": { "level": "user", "subject": world.greta.to_string() }, "restrictions": null }),
            404,
        ),
        (json!({ "edit": "exception", "level": { "level": "organization" }, "exception": null }), 422),
    ] {
        let body = json!({ "edits": [edit] });
        let reply = world.full("POST", "/api/v1/access-restrictions/edits", body.clone()).await;
        assert_eq!(reply.status, status, "{body}");
    }
    let none = json!({ "edits": [] });
    assert_eq!(world.full("POST", "/api/v1/access-restrictions/edits", none).await.status, 422);
}

#[tokio::test]
async fn what_an_integration_reports_is_judged_at_once() {
    let world = World::build().await;
    let phone = world.phone("anna@acme.test", "POSTURE").await;
    let path = format!("/api/v1/devices/{phone}");
    let on = |rule: &str| json!({ "edit": "rule", "rule": rule, "config": { "on": true } });
    let level = json!({
        "edit": "level", "level": { "level": "organization" },
        "restrictions": { "compromised": ["activesync_connections", "network_access"], "data_usage": [] },
    });
    let edits = json!({ "edits": [on("compromised"), on("data_usage"), level] });
    world.full("POST", "/api/v1/access-restrictions/edits", edits).await.expect(200);
    let report = async |fact: &str, value: Value| {
        world.full("PUT", &format!("{path}/facts/{fact}"), json!({ "value": value })).await.expect(200);
        let device = world.get(&path).await;
        let found: Vec<String> = device["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["rule"].as_str().unwrap().to_owned())
            .collect();
        let open = device["access"].as_array().unwrap().iter().all(|t| t["allowed"] == true);
        (found, open)
    };
    // A data plan warns and cuts nothing.
    assert_eq!(report("data_used_percent", json!(79)).await, (vec![], true));
    assert_eq!(report("data_used_percent", json!(80)).await, (vec!["data_usage".into()], true));
    assert_eq!(report("data_used_percent", json!(12)).await, (vec![], true));
    // A jailbreak closes mail and network until it is over.
    assert_eq!(report("jail_broken", json!(true)).await, (vec!["compromised".into()], false));
    assert_eq!(report("jail_broken", json!(false)).await, (vec![], true));
    let told = world.get(&format!("{path}/facts/jail_broken")).await;
    assert_eq!((&told["value"], &told["source"]), (&json!(false), &json!("integration")), "{told}");
}

#[tokio::test]
async fn servers_round_trip_and_are_tested_by_the_host() {
    let world = World::build().await;
    let new = json!({ "name": "Mail", "url": "mail.acme.test" });
    let made = world.full("POST", "/api/v1/servers", new).await.expect(201);
    assert_eq!(made["url"], "https://mail.acme.test/Microsoft-Server-ActiveSync");
    let path = format!("/api/v1/servers/{}", made["id"].as_str().unwrap());
    let mut settings = made.clone();
    settings.as_object_mut().unwrap().retain(|key, _| key != "id" && key != "rev");
    settings["lowest_version"] = json!("14.0");
    let replaced = world.full("PUT", &path, settings).await.expect(200);
    assert_eq!((replaced["lowest_version"].as_str(), &replaced["url"]), (Some("14.0"), &made["url"]));
    let test =
        world.full("POST", &format!("{path}/test"), json!({ "username": "anna", "password": "x" })).await;
    let test = test.expect(200);
    assert_eq!((test["ok"].as_bool(), test["checks"][0]["outcome"].as_str()), (Some(false), Some("bad")));
    assert!(test["checks"][0]["detail"].as_str().unwrap().contains("anna"));
    for (body, field) in [
        (json!({ "name": "", "url": "mail.acme.test" }), "name"),
        (json!({ "name": "M", "url": "http://mail.acme.test" }), "url"),
        (
            json!({ "name": "M", "url": "mail.acme.test", "lowest_version": "16.1", "highest_version": "12.1" }),
            "versions",
        ),
        (json!({ "name": "M", "url": "mail.acme.test", "login_form": "user_at_domain" }), "login_domain"),
    ] {
        let problem = world.full("POST", "/api/v1/servers", body.clone()).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let user = json!({ "username": "fred", "server": made["id"] });
    world.full("POST", "/api/v1/users", user).await.expect(201);
    assert_eq!(world.full("DELETE", &path, Value::Null).await.status, 409, "a user is assigned");
}

#[tokio::test]
async fn the_ise_page_is_all_there() {
    let world = World::build().await;
    let ise = world.get("/api/v1/ise").await;
    assert_eq!((ise["server"].as_str(), ise["port"].as_u64()), (Some("mdm.example.test"), Some(8443)));
    assert_eq!((ise["instance"].as_str(), ise["has_root_certificate"].as_bool()), (Some("acme"), Some(true)));
    assert_eq!(ise["redirect_page"], "https://mdm.example.test:8443/o/acme");
    assert!(ise["polling"]["advice"].as_str().unwrap().starts_with("Enter 0"));
    let pem = world.full("GET", "/api/v1/ise/root-certificate.pem", Value::Null).await;
    assert!(pem.bytes.starts_with(b"-----BEGIN CERTIFICATE-----"));
    assert_eq!(world.get("/api/v1/ise/calls").await["total"], 0);
    let phone = world.phone("anna@acme.test", "LINKED").await;
    let link = |mac: &str| format!("/api/v1/ise/unknown-macs/{mac}/link");
    let body = json!({ "device": phone.to_string() });
    world.full("POST", &link("00:26:B4:24:FE:B4"), body.clone()).await.expect(204);
    assert_eq!(world.get(&format!("/api/v1/devices/{phone}")).await["macs"], json!(["0026B424FEB4"]));
    assert_eq!(world.full("POST", &link("nonsense"), body).await.status, 422);
    let test =
        world.full("POST", "/api/v1/ise/self-test", json!({ "username": "own", "password": "x" })).await;
    assert_eq!(test.expect(200)["items"][0]["shown"], "own");
}

#[tokio::test]
async fn the_journal_pages_backwards_and_filters() {
    let world = World::build().await;
    for number in 0..5 {
        world.full("POST", "/api/v1/users", json!({ "username": format!("user{number}") })).await.expect(201);
    }
    let mut sequences = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/api/v1/journal?limit=4{cursor}")).await;
        sequences
            .extend(page["items"].as_array().unwrap().iter().map(|row| row["sequence"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let all: Vec<i64> = (1..=sequences[0]).rev().collect();
    assert_eq!(sequences, all, "gap-free, newest first");
    let created = world.get("/api/v1/journal?event=user.created").await;
    assert_eq!(created["items"].as_array().unwrap().len(), 6);
    let subject = created["items"][0]["subject"].as_str().unwrap();
    let about = world.get(&format!("/api/v1/journal?subject={subject}")).await;
    assert_eq!(about["items"].as_array().unwrap().len(), 1);
    assert!(about["items"][0]["actor"].as_str().unwrap().starts_with("token of fuller"));
}

#[tokio::test]
async fn the_catalogue_is_the_catalogue() {
    let world = World::build().await;
    for (what, count) in [
        ("settings", catalog::settings().count()),
        ("templates", catalog::Template::ALL.len()),
        ("facts", catalog::FACTS.len()),
        ("columns", engine::devices::columns().len()),
        ("rules", catalog::RULES.len()),
        ("targets", catalog::TARGETS.len()),
        ("commands", catalog::COMMANDS.len()),
        ("permissions", catalog::PERMISSIONS.len()),
        ("roles", catalog::PREDEFINED_ROLES.len()),
        ("platforms", catalog::PLATFORMS.len()),
        ("mail-clients", catalog::CLIENTS.len()),
        ("events", catalog::EVENTS.len()),
    ] {
        assert_eq!(world.get(&format!("/api/v1/catalogue/{what}")).await["total"], count, "{what}");
    }
    let permissions = world.get("/api/v1/me").await["permissions"].as_array().unwrap().len();
    assert_eq!(permissions, Powers::all().iter().count());
}

/// What programs send is described as exactly as what they get: the schema of a suite knows every setting.
#[tokio::test]
async fn the_schema_of_a_suite_knows_every_setting() {
    let world = World::build().await;
    let schema = &world.document.0["components"]["schemas"]["SettingValues"];
    let fits = |value: Value| world.document.fits(schema, &value, "$").is_ok();
    for setting in catalog::settings() {
        let neutral = json!((setting.default)());
        assert!(fits(json!({ setting.key: neutral })), "{}: {neutral}", setting.key);
        for wrong in [json!({ "a": 1 }), json!(-5), json!("\u{1}".repeat(5000))] {
            let refused =
                serde_json::from_value(wrong.clone()).is_ok_and(|v| setting.kind.check(&v).is_err());
            if refused && !wrong.is_string() {
                assert!(!fits(json!({ setting.key: wrong })), "{}: {wrong}", setting.key);
            }
        }
    }
    assert!(!fits(json!({ "no.such": true })));
}

#[tokio::test]
async fn the_dashboard_counts() {
    let world = World::build().await;
    world.phone("anna@acme.test", "COUNT1").await;
    let numbers = world.get("/api/v1/dashboard").await;
    assert_eq!((numbers["users"].as_u64(), numbers["devices"].as_u64()), (Some(1), Some(1)));
    assert_eq!(numbers["by_platform"], json!([{ "key": "ios", "count": 1 }]));
    assert_eq!(
        (numbers["contact"]["hour"].as_u64(), numbers["policy"]["missing"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(numbers["enrolments"].as_array().unwrap().len(), 14);
    let other = world.send("GET", "/api/v1/dashboard", Some(&world.tokens.foreign), &Value::Null).await;
    assert_eq!(other.expect(200)["devices"], 0, "another organization's are not counted");
}

#[tokio::test]
async fn a_connection_schedule_is_made_assigned_and_replaced() {
    let world = World::build().await;
    let all = "/api/v1/connection-schedules";
    let range = |day: &str, from: &str, until: &str| json!({ "day": day, "from": from, "until": until });
    let new = json!({ "name": "Shifts", "zone": "Asia/Kolkata", "corporate": {
        "peak": [range("friday", "22:00", "06:00"), range("monday", "8:00", "12:00"), range("monday", "12:00", "16:30")],
        "peak_interval": "15m", "off_peak_interval": "manual", "push_off_peak": false,
    } });
    let made = world.full("POST", all, new.clone()).await.expect(201);
    let peak = json!([
        range("monday", "08:00", "16:30"),
        range("friday", "22:00", "24:00"),
        range("saturday", "00:00", "06:00"),
    ]);
    assert_eq!(made["corporate"]["peak"], peak);
    assert_eq!(made["individual"]["peak_interval"], "1h", "as in the default");
    let path = format!("{all}/{}", made["id"].as_str().unwrap());
    assert_eq!(world.full("POST", all, new.clone()).await.status, 409, "the name is taken");
    for (bad, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x", "zone": "Mars" }), "zone"),
        (
            json!({ "name": "x", "corporate": { "peak": [range("monday", "8", "25:00")] } }),
            "corporate.peak[0].until",
        ),
        (
            json!({ "name": "x", "individual": { "peak": [range("sunday", "8", "12"), range("sunday", "11", "13")] } }),
            "individual.peak.sunday",
        ),
        (json!({ "name": "x", "corporate": { "peak_interval": "7m" } }), "corporate.peak_interval"),
        (json!({ "name": "x", "corporate": { "low_battery": 9_999_999_999_i64 } }), "corporate.low_battery"),
    ] {
        let refused = world.full("POST", all, bad).await;
        assert_eq!(refused.status, 422, "{field}");
        let said = refused.expect(422);
        assert_eq!(said["errors"][0]["field"], field, "{said}");
    }
    let ahead = world.get(&format!("{path}/outlook?hours=168")).await;
    let stretches = ahead["items"][0]["stretches"].as_array().unwrap();
    let peak: i64 = stretches
        .iter()
        .filter(|s| s["peak"] == true)
        .map(|s| s["until"].as_i64().unwrap() - s["from"].as_i64().unwrap())
        .sum();
    assert_eq!(peak, (8 * 60 + 30 + 8 * 60) * 60_000);
    assert_eq!(world.full("GET", &format!("{path}/outlook?hours=999"), Value::Null).await.status, 422);

    let phone = world.phone("anna@acme.test", "SCHEDULED").await;
    let device = format!("/api/v1/devices/{phone}");
    assert_eq!(world.get(&device).await["schedule"]["source"]["level"], "organization");
    world.full("PATCH", &device, json!({ "schedule": made["id"] })).await.expect(200);
    let shown = world.get(&device).await;
    assert_eq!(
        (&shown["schedule"]["name"], &shown["schedule"]["source"]),
        (&json!("Shifts"), &json!({ "level": "device", "group": null }))
    );
    assert_eq!(shown["schedule"]["time_zone"], "Asia/Kolkata");
    let of_schedule = format!("/api/v1/devices?schedule={}&column=schedule", made["id"].as_str().unwrap());
    let listed = world.get(&of_schedule).await;
    assert_eq!((&listed["total"], &listed["items"][0]["columns"]["schedule"]), (&json!(1), &json!("Shifts")));
    assert_eq!(world.get("/api/v1/devices?missed_check_ins=1").await["total"], 0);
    assert_eq!(world.full("DELETE", &path, Value::Null).await.status, 409, "it is in use");
    let copy = world.full("POST", &format!("{path}/copy"), json!({ "name": "Nights" })).await.expect(201);
    let nights = copy["id"].as_str().unwrap();
    world.full("DELETE", &format!("{path}?replacement={nights}"), Value::Null).await.expect(204);
    assert_eq!(world.get(&device).await["schedule"]["schedule"], nights);
    world.full("POST", &format!("{all}/{nights}/make-default"), Value::Null).await.expect(204);
    let settings = world.get("/api/v1/organization/settings").await;
    assert_eq!(settings["default_schedule"], nights);
    let contact = json!({ "contact": "desk@acme.test" });
    world.full("PUT", "/api/v1/organization/settings", contact).await.expect(200);
    assert_eq!(world.get("/api/v1/organization/settings").await["default_schedule"], nights, "it stays");
    let polling = world.get("/api/v1/ise").await["polling"].clone();
    assert_eq!(polling["schedules"][0]["name"], "Nights");
    assert_eq!(polling["minutes"], 15);
}
