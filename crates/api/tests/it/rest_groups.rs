//! Groups over REST: made, ordered, filled, followed on device and user.

use serde_json::{Value, json};

use crate::rest_world::World;

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

async fn group(world: &World, body: Value) -> String {
    id(&world.full("POST", "/api/v1/groups", body).await.expect(201))
}

#[tokio::test]
async fn a_group_is_made_filled_and_decides_what_its_members_get() {
    let world = World::build().await;
    let anna = world.get("/api/v1/users?q=anna").await["items"][0].clone();
    let device = world.phone("anna@acme.test", "GROUPED").await;
    let server = json!({ "name": "Mail", "url": "mail.acme.test" });
    let server = id(&world.full("POST", "/api/v1/servers", server).await.expect(201));
    let first = group(&world, json!({ "name": "First", "liability": "individual" })).await;
    let second = group(&world, json!({ "name": "Second", "liability": "corporate", "server": server })).await;
    for group in [&first, &second] {
        let body = json!({ "add": [anna["id"]] });
        let done = world.full("POST", &format!("/api/v1/groups/{group}/members"), body).await.expect(200);
        assert_eq!(done, json!({ "added": 1, "removed": 0 }));
    }
    let device = format!("/api/v1/devices/{device}");
    let told = world.get(&device).await;
    assert_eq!(told["liability"], "individual");
    assert_eq!(told["liability_source"], json!({ "level": "group", "group": first }));
    assert_eq!(told["server"], json!(server));
    assert_eq!(told["server_source"], json!({ "level": "group", "group": second }));
    assert_eq!(told["groups"], json!([first, second]), "the most important one first");
    assert_eq!(told["policy"]["source"], json!({ "level": "organization", "group": null }));
    let moved = format!("/api/v1/groups/{second}/move");
    let moved = world.full("POST", &moved, json!({ "place": 1 })).await.expect(200);
    assert_eq!((&moved["place"], &moved["members"]), (&json!(1), &json!(1)));
    assert_eq!(world.get(&device).await["liability"], "corporate");
    let list = world.get("/api/v1/groups").await;
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|g| g["name"].clone()).collect();
    assert_eq!(names, ["Second", "First"]);
    assert_eq!(world.get(&format!("/api/v1/devices?group={first}")).await["total"], 1);
    assert_eq!(world.get("/api/v1/search?q=seco").await["groups"][0]["name"], "Second");
    let member = &world.get(&format!("/api/v1/groups/{first}/members")).await["items"][0];
    assert_eq!(member["id"], anna["id"]);
    assert_eq!(member["groups"].as_array().map(Vec::len), Some(2));
    let in_use = world.full("DELETE", &format!("/api/v1/servers/{server}"), Value::Null).await.expect(409);
    assert!(in_use["detail"].as_str().unwrap().contains("Second"), "{in_use}");
    world.full("DELETE", &format!("/api/v1/groups/{second}"), Value::Null).await.expect(204);
    assert_eq!(world.get(&device).await["liability"], "individual");
}

#[tokio::test]
async fn what_cannot_be_is_refused_beside_the_field() {
    let world = World::build().await;
    let sales = group(&world, json!({ "name": "Sales" })).await;
    let never = |prefix: &str| format!("{prefix}_{}", "7".repeat(32));
    let path = format!("/api/v1/groups/{sales}");
    for (method, path, body, field) in [
        ("POST", "/api/v1/groups".to_owned(), json!({ "name": " " }), "name"),
        ("POST", "/api/v1/groups".to_owned(), json!({ "name": "X", "note": "n".repeat(501) }), "note"),
        ("POST", "/api/v1/groups".to_owned(), json!({ "name": "X", "suite": never("pol") }), "suite"),
        ("PUT", path.clone(), json!({ "name": "X", "server": never("srv") }), "server"),
        ("PUT", path.clone(), json!({ "name": "X", "colour": 1 }), "colour"),
        ("POST", format!("{path}/move"), json!({ "place": 0 }), "place"),
        ("POST", format!("{path}/members"), json!({ "add": [never("usr")] }), "add"),
        ("POST", format!("{path}/members"), json!({ "remove": [never("usr")] }), "remove"),
    ] {
        let problem = world.full(method, &path, body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{method} {path}: {problem}");
    }
    world.full("POST", "/api/v1/groups", json!({ "name": "SALES" })).await.expect(409);
    let seen = world.full("GET", &path, Value::Null).await;
    assert_eq!(seen.header("etag"), "\"1\"");
    let copy = world.full("POST", &format!("{path}/copy"), json!({ "name": "Copy" })).await.expect(201);
    assert_eq!(copy["place"], 2);
}

#[tokio::test]
async fn many_get_the_same_in_one_call_with_the_number_said_first() {
    let world = World::build().await;
    let first = world.phone("anna@acme.test", "MANY1").await;
    world.phone("anna@acme.test", "MANY2").await;
    let sales = group(&world, json!({ "name": "Sales" })).await;
    let path = "/api/v1/assignments";
    let body = |dry_run: bool| json!({ "found": { "q": "anna" }, "join": sales, "dry_run": dry_run });
    let told = world.full("POST", path, body(true)).await.expect(200);
    let devices = told["devices"].as_u64().unwrap();
    assert!(devices >= 2 && told["join"] == 1 && told["done"] == false, "{told}");
    assert_eq!(world.get(&format!("/api/v1/groups/{sales}")).await["members"], 0);
    let done = world.full("POST", path, body(false)).await.expect(200);
    assert_eq!((&done["join"], &done["done"]), (&json!(1), &json!(true)));
    assert_eq!(world.full("POST", path, body(false)).await.expect(200)["join"], 0, "she is in it");
    let suites = world.get("/api/v1/policy-suites").await;
    let suite = suites["items"][0]["id"].clone();
    let own = json!({ "devices": [first], "device_suite": suite });
    assert_eq!(world.full("POST", path, own).await.expect(200)["device_suite"], 1);
    let told = world.get(&format!("/api/v1/devices/{first}")).await;
    assert_eq!(told["policy"]["source"]["level"], "device");
    let none = json!({ "devices": [first], "device_suite": null });
    assert_eq!(world.full("POST", path, none).await.expect(200)["device_suite"], 1);
    for (body, field) in [
        (json!({ "join": sales }), "devices"),
        (json!({ "devices": [first], "found": {}, "join": sales }), "devices"),
        (json!({ "devices": [first] }), "assign"),
        (json!({ "devices": [first], "join": sales, "leave": sales }), "leave"),
    ] {
        let problem = world.full("POST", path, body).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}
