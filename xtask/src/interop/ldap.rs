//! Users from OpenLDAP: LDAPS and StartTLS, a linked folder and a group, renames, losses, sign-in by bind, a server that is
//! down and one that shows another certificate.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;

use super::{Context, Scenario, block_on};
use crate::peers::slapd::{self, PEOPLE, READER, STARTTLS, SUFFIX, TLS};
use crate::product::{Installation, Organization};
use crate::work::Work;

pub static SCENARIO: Scenario = Scenario {
    name: "ldap",
    shows: "users come from OpenLDAP, are renamed and lost as they are there, and sign in with its passwords",
    peers: &["slapd"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    let closed = context.installation()?.organization("ldap-closed")?;
    let more = ["--internal-target", "127.0.0.0/8", "--internal-target", "::1/128"];
    let installation = Installation::with(context.work, context.binary()?, "ldap", &more)?;
    let organization = installation.organization("ldap")?;
    block_on(async {
        internal_hosts_are_refused(context, &closed).await?;
        let server = settings(context, &organization).await?;
        first_import(context, &organization, &server).await?;
        groups(context, &organization, &server).await?;
        sign_in(context, &organization, &server).await?;
        changes(context, &organization, &server).await?;
        trouble(context, &organization, &server).await
    })
}

/// Settings of a server that reads everything.
pub fn input(work: &Work, name: &str, security: &str) -> Result<Value> {
    Ok(json!({
        "name": name, "kind": "open_ldap", "host": "localhost", "port": if security == "tls" { TLS } else { STARTTLS },
        "security": security, "roots": slapd::authority(work, "ca")?, "bind_dn": READER.0, "password": READER.1,
        "bases": [SUFFIX], "users_sign_in": true, "refresh_minutes": 0,
    }))
}

/// Adds a server; its path.
pub async fn add(organization: &Organization, input: &Value) -> Result<String> {
    let made = organization.rest.post("/ldap-servers", input).await?;
    ensure!(!made.to_string().contains(READER.1), "the password is given out: {made}");
    Ok(format!("/ldap-servers/{}", made["id"].as_str().context("an id")?))
}

async fn test(organization: &Organization, server: &str) -> Result<Value> {
    organization.rest.post(&format!("{server}/test"), &json!({})).await
}

async fn internal_hosts_are_refused(context: &Context<'_>, closed: &Organization) -> Result<()> {
    let server = add(closed, &input(context.work, "Staff", "tls")?).await?;
    let said = test(closed, &server).await?;
    ensure!(said["works"] == false && said.to_string().contains("internal"), "{said}");
    context.step("a server on an internal address is refused where the operator allows none");
    Ok(())
}

/// What is wrong is told, each with its own words; both forms of TLS work. Answers the path of the good one.
async fn settings(context: &Context<'_>, organization: &Organization) -> Result<String> {
    let other = slapd::authority(context.work, "other")?;
    for security in ["tls", "starttls"] {
        let good = input(context.work, &format!("Good {security}"), security)?;
        let crossed = if security == "tls" { STARTTLS } else { TLS };
        for (field, value, words) in [
            ("roots", json!(other), "certificate is not accepted"),
            ("host", json!("127.0.0.1"), "certificate is not accepted"),
            ("password", json!("another password"), "refuses the name or the password"),
            ("bind_dn", json!("cn=nobody,dc=ldap,dc=test"), "refuses the name or the password"),
            ("bases", json!(["ou=nowhere,dc=ldap,dc=test"]), "What does exist is dc=ldap,dc=test"),
            ("port", json!(crossed), "389 wants StartTLS"),
        ] {
            let mut wrong = good.clone();
            wrong[field] = value;
            wrong["name"] = json!(format!("wrong {field} {security}"));
            let server = add(organization, &wrong).await?;
            let said = test(organization, &server).await?;
            ensure!(said["works"] == false && said.to_string().contains(words), "{security} {field}: {said}");
            ensure!(!said.to_string().contains("another password"), "the password is given out: {said}");
            organization.rest.delete(&server).await?;
        }
        let server = add(organization, &good).await?;
        let said = test(organization, &server).await?;
        ensure!(said["works"] == true && said["users"] == PEOPLE + 4 && said["groups"] == 2, "{said}");
        if security == "starttls" {
            organization.rest.delete(&server).await?;
        }
    }
    context.step("authority, host, account, password, base and port: each is told from the others, over TLS and StartTLS");
    let all = organization.rest.get("/ldap-servers").await?;
    Ok(format!("/ldap-servers/{}", all["items"][0]["id"].as_str().context("one server is left")?))
}

/// Refreshes and waits for the end; how it went, and how long it took.
pub async fn refresh(organization: &Organization, server: &str) -> Result<(Value, Duration)> {
    let path = format!("{server}/refresh");
    let began = Instant::now();
    organization.rest.post(&path, &json!({})).await?;
    while began.elapsed() < Duration::from_mins(5) {
        let state = organization.rest.get(&path).await?;
        if state["under_way"] == false {
            return Ok((state["last"].clone(), began.elapsed()));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the refresh does not end")
}

/// Links a folder or group; the path of the group.
pub async fn link(organization: &Organization, server: &str, dn: &str) -> Result<String> {
    let made = organization.rest.post(&format!("{server}/links"), &json!({ "dn": dn })).await?;
    Ok(format!("/groups/{}", made["group"].as_str().context("a group")?))
}

async fn first_import(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    let rest = &organization.rest;
    let folder = format!("ou=people,{SUFFIX}");
    let tree = rest.get(&format!("{server}/entries?folder={SUFFIX}")).await?;
    ensure!(tree["items"].as_array().is_some_and(|all| all.len() == 3), "{tree}");
    let preview = rest.post(&format!("{server}/preview"), &json!({ "dn": folder })).await?;
    ensure!(preview["created"] == PEOPLE && preview["conflict_count"] == 3, "{preview}");
    let group = link(organization, server, &folder).await?;
    let (run, took) = refresh(organization, server).await?;
    ensure!(run["done"] == true && run["created"] == PEOPLE && run["conflict_count"] == 3, "{run}");
    let members = rest.get(&group).await?;
    ensure!(members["members"] == PEOPLE && members["directory"].is_string(), "{members}");
    context.step(format!(
        "{PEOPLE} people are imported in {:.1} s, three odd entries are told",
        took.as_secs_f64()
    ));
    let (run, took) = refresh(organization, server).await?;
    ensure!(run["created"] == 0 && run["changed"] == 0 && run["gone"] == 0, "{run}");
    context.step(format!("a refresh without changes writes nothing, in {:.1} s", took.as_secs_f64()));
    Ok(())
}

async fn groups(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    let group = link(organization, server, &format!("cn=sales,ou=groups,{SUFFIX}")).await?;
    refresh(organization, server).await?;
    let members = organization.rest.get(&group).await?;
    ensure!(members["members"] == PEOPLE / 2 + 1, "{members}");
    context.step("a group with a group within it that contains it again has each member once");
    Ok(())
}

async fn sign_in(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    organization.suite("Mail", "low", &json!({})).await?;
    let mut phone = organization.phone("u1", "password of u1", 1, Version::V16_1)?;
    ensure!(phone.connect().await?.done().is_some(), "the phone connects with the password of the directory");
    let mut wrong = organization.phone("u1", "password of u2", 2, Version::V16_1)?;
    ensure!(
        !wrong.connect().await.is_ok_and(|done| done.done().is_some()),
        "another one's password is refused"
    );
    let mut guest = organization.phone("guest", "password of guest", 3, Version::V16_1)?;
    ensure!(!guest.connect().await.is_ok_and(|done| done.done().is_some()), "a guest has no account");
    // With hands-off enrolment, who is in a linked folder or group needs no import.
    let mut settings = organization.rest.get(server).await?;
    settings["hands_off"] = json!(true);
    for field in ["id", "rev"] {
        settings.as_object_mut().context("an object")?.remove(field);
    }
    organization.rest.put(server, &settings).await?;
    slapd::modify(context.work, &new_person("late"))?;
    let mut late = organization.phone("late", "password of late", 4, Version::V16_1)?;
    ensure!(late.connect().await?.done().is_some(), "somebody new signs in");
    let mut guest = organization.phone("guest", "password of guest", 5, Version::V16_1)?;
    ensure!(!guest.connect().await.is_ok_and(|done| done.done().is_some()), "a guest still has no account");
    context.step("phones sign in by bind; a newcomer of a linked folder gets an account, a guest does not");
    Ok(())
}

fn new_person(uid: &str) -> String {
    format!(
        "dn: uid={uid},ou=people,{SUFFIX}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: x\n\
         userPassword: password of {uid}\n"
    )
}

async fn user(organization: &Organization, name: &str) -> Result<Option<Value>> {
    let all = organization.rest.get(&format!("/users?q={name}")).await?;
    let all = all["items"].as_array().context("a list")?;
    Ok(all.iter().find(|user| user["username"] == name).cloned())
}

async fn changes(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    let before = user(organization, "u5").await?.context("u5")?;
    slapd::modify(
        context.work,
        &format!("dn: uid=u5,ou=people,{SUFFIX}\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n"),
    )?;
    slapd::modify(context.work, &format!("dn: uid=u6,ou=people,{SUFFIX}\nchangetype: delete\n"))?;
    let (run, _) = refresh(organization, server).await?;
    ensure!(run["done"] == true && run["created"] == 0 && run["gone"] == 1, "{run}");
    let after = user(organization, "renamed").await?.context("the renamed user")?;
    ensure!(after["id"] == before["id"] && user(organization, "u5").await?.is_none(), "{after}");
    ensure!(user(organization, "u6").await?.is_some_and(|u6| u6["state"] == "disabled"), "u6 is disabled");
    context.step("a renamed person is the same user; one who is gone is disabled");
    Ok(())
}

async fn trouble(context: &Context<'_>, organization: &Organization, server: &str) -> Result<()> {
    slapd::again(context.work, "changed")?;
    let (run, _) = refresh(organization, server).await?;
    ensure!(run["done"] == false && run["words"].to_string().contains("certificate"), "{run}");
    slapd::stop(context.work)?;
    let (run, _) = refresh(organization, server).await?;
    ensure!(run["done"] == false && run["words"].to_string().contains("nobody answers"), "{run}");
    ensure!(user(organization, "u7").await?.is_some_and(|u7| u7["state"] == "active"), "nobody was changed");
    slapd::again(context.work, "server")?;
    let (run, _) = refresh(organization, server).await?;
    ensure!(run["done"] == true && run["gone"] == 0 && run["created"] == 0, "{run}");
    context.step("a certificate of somebody else and a server that is down change nothing and are told; then it goes on");
    Ok(())
}
