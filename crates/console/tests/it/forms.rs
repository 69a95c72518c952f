//! Forms, there and back.

use domain::model::CommandState;

use crate::house::{House, PASSWORD, Who};

#[tokio::test]
async fn signing_in_and_out_by_the_form() {
    let house = House::build().await;
    let wrong =
        house.post_as_is(Who::Nobody, "/dashboard/sign-in", &[("account", "mara"), ("password", "no")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("do not fit together") && wrong.body.contains("value=\"mara\""));
    let fields =
        [("account", "mara"), ("password", PASSWORD), ("next", "/dashboard/devices?status=restricted")];
    let right = house.post_as_is(Who::Nobody, "/dashboard/sign-in", &fields).await;
    assert_eq!((right.status, right.location.as_str()), (303, "/dashboard/devices?status=restricted"));
    assert!(
        right.cookies.iter().any(|c| c.contains("HttpOnly") && c.contains("Secure")),
        "{:?}",
        right.cookies
    );
    for elsewhere in ["https://evil.test/", "//evil.test", "/\\evil.test"] {
        let fields = [("account", "mara"), ("password", PASSWORD), ("next", elsewhere)];
        let page = house.post_as_is(Who::Nobody, "/dashboard/sign-in", &fields).await;
        assert_eq!(page.location, "/dashboard");
    }
    let out = house.post(Who::HelpDesk, "/dashboard/sign-out", &[]).await;
    assert_eq!((out.status, out.location.as_str()), (303, "/dashboard/sign-in"));
    let after = house.get(Who::HelpDesk, "/dashboard/devices?q=a").await;
    assert_eq!(after.location, "/dashboard/sign-in?next=/dashboard/devices%3Fq%3Da");
}

#[tokio::test]
async fn a_form_without_the_token_changes_nothing() {
    let house = House::build().await;
    for csrf in ["", "guessed"] {
        let path = format!("/dashboard/devices/{}/order/block", house.device);
        let page = house.post_as_is(Who::Full, &path, &[("csrf", csrf), ("note", "x")]).await;
        assert_eq!(page.status, 403);
    }
    let scope = house.scope(Who::Full).await;
    let device = engine::devices::get(&house.engine, &scope, house.device).expect("the device");
    assert!(device.block.is_none());
    let page = house
        .send(
            Who::Full,
            http::Method::POST,
            "/dashboard/account/sessions/end-all",
            "csrf=x",
            &[("sec-fetch-site", "cross-site")],
        )
        .await;
    assert_eq!(page.status, 403);
    assert_eq!(house.get(Who::Full, "/dashboard/account").await.status, 200);
}

#[tokio::test]
async fn a_suite_is_drafted_reviewed_published_and_rolled_back() {
    let house = House::build().await;
    let fields = [("name", "Field staff"), ("template", "low")];
    let made = house.post(Who::Full, "/dashboard/policy-suites/add", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let suite = made.location;
    let page = house.get(Who::Full, &suite).await;
    assert!(page.body.contains("Field staff") && page.body.contains("Enforces it"));

    let bad = [
        ("name", "Field staff"),
        ("corporate.password.min_length", "60"),
        ("individual.password.min_length", "5"),
    ];
    let page = house.post(Who::Full, &suite, &bad).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body.contains("value=\"60\"") && page.body.contains("value=\"5\""),
        "what was typed is lost"
    );
    assert!(page.body.contains("Enter a whole number from"));

    let good = [
        ("name", "Field staff"),
        ("corporate.password.required", "true"),
        ("corporate.password.min_length", "6"),
        ("corporate.device.allow_camera", "true"),
    ];
    let saved = house.post(Who::Full, &suite, &complete(&house, &suite, &good).await).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let review = house.get(Who::Full, &format!("{suite}/publish")).await;
    assert!(review.body.contains("Publish revision 1"), "{}", review.body);
    let denied = house.post(Who::HelpDesk, &format!("{suite}/publish"), &[]).await;
    assert_eq!(denied.status, 403);
    let done = house.post(Who::Full, &format!("{suite}/publish"), &[("note", "first")]).await;
    assert_eq!(done.status, 303);
    let again = house.post(Who::Full, &format!("{suite}/publish"), &[]).await;
    assert!(again.body.contains("Nothing to publish"));

    let more = [
        ("name", "Field staff"),
        ("corporate.password.required", "true"),
        ("corporate.password.min_length", "8"),
    ];
    house.post(Who::Full, &suite, &complete(&house, &suite, &more).await).await;
    house.post(Who::Full, &format!("{suite}/publish"), &[]).await;
    let back = house.post(Who::Full, &format!("{suite}/roll-back"), &[("to", "1")]).await;
    assert_eq!(back.status, 303);
    let revisions = house.get(Who::Full, &format!("{suite}/revisions")).await;
    assert!(revisions.body.contains("Revision 3") && revisions.body.contains("Back to revision 1"));
}

/// Every value as the page offers it, with some entered anew: what a browser would post.
async fn complete<'a>(house: &House, suite: &str, entered: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let page = house.get(Who::Full, suite).await;
    assert_eq!(page.status, 200);
    let mut fields = entered.to_vec();
    for setting in catalog::settings() {
        for column in ["corporate", "individual"] {
            let name = format!("{column}.{}", setting.key);
            assert!(page.body.contains(&format!("name=\"{name}\"")), "{name} is not in the form");
            if let (catalog::Kind::Bool, catalog::Value::Bool(true)) = (setting.kind, (setting.default)())
                && !fields.iter().any(|(k, _)| *k == name)
            {
                fields.push((String::leak(name), "true"));
            } else if let (catalog::Kind::Choice(_), catalog::Value::Int(n)) =
                (setting.kind, (setting.default)())
                && !fields.iter().any(|(k, _)| *k == name)
            {
                fields.push((String::leak(name), String::leak(n.to_string())));
            } else if let (catalog::Kind::Int { optional: false, .. }, catalog::Value::Int(n)) =
                (setting.kind, (setting.default)())
                && !fields.iter().any(|(k, _)| *k == name)
            {
                fields.push((String::leak(name), String::leak(n.to_string())));
            }
        }
    }
    fields
}

#[tokio::test]
async fn a_wipe_wants_the_name_and_can_be_cancelled() {
    let house = House::build().await;
    let path = format!("/dashboard/devices/{}/order/full_wipe", house.device);
    let question = house.get(Who::Full, &path).await;
    assert!(question.body.contains("Everything on the device") && question.body.contains("Lena Brandt"));
    assert_eq!(house.get(Who::HelpDesk, &path).await.status, 403);
    let wrong = house.post(Who::Full, &path, &[("confirm", "Lena")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Nothing was ordered"));
    let right = house.post(Who::Full, &path, &[("confirm", "Lena’s phone"), ("note", "lost")]).await;
    assert_eq!(right.status, 303, "{}", right.body);
    let tab = house.get(Who::Full, &right.location).await;
    assert!(tab.body.contains("Full wipe") && tab.body.contains("lost"), "{}", tab.body);
    let scope = house.scope(Who::Full).await;
    let command = engine::commands::live(&house.engine, &scope).expect("commands")[0].clone();
    assert_eq!(command.state, CommandState::Queued);
    let cancel = house.post(Who::Full, &format!("/dashboard/commands/{}/cancel", command.id), &[]).await;
    assert_eq!(cancel.status, 303);
    assert!(engine::commands::live(&house.engine, &scope).expect("commands").is_empty());
}

#[tokio::test]
async fn more_than_five_wipes_an_hour_wait_for_somebody_else() {
    let house = House::build().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(house.phone(&format!("Phone {number}")).await.to_string());
    }
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
    fields.push(("action", "full_wipe"));
    let question = house.post(Who::Full, "/dashboard/devices/bulk", &fields).await;
    assert!(
        question.body.contains("A second administrator has to agree") && question.body.contains("7 devices")
    );
    let refused = house.post(Who::Full, "/dashboard/devices/bulk/order", &fields).await;
    assert!(refused.body.contains("Nothing was ordered"));
    fields.push(("confirm", "7 devices"));
    let done = house.post(Who::Full, "/dashboard/devices/bulk/order", &fields).await;
    assert!(done.body.contains("7 of 7 ordered"), "{}", done.body);
    let page = house.get(Who::Full, "/dashboard/approvals").await;
    assert!(page.body.contains("2 are held") && page.body.contains("May not approve"), "{}", page.body);
    let scope = house.scope(Who::Full).await;
    let live = engine::commands::live(&house.engine, &scope).expect("commands");
    let held = live.iter().find(|c| c.state == CommandState::AwaitingApproval).expect("a held one");
    let id = held.id.to_string();
    let nothing = house.post(Who::Full, "/dashboard/approvals", &[("do", "approve")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("Tick what"), "{}", nothing.body);
    let approve = [("item", id.as_str()), ("do", "approve"), ("code", "000000")];
    let own = house.post(Who::Full, "/dashboard/approvals", &approve).await;
    assert_eq!(own.status, 303);
    let still = engine::commands::get(&house.engine, &scope, held.id).await.expect("the command");
    assert_eq!(still.state, CommandState::AwaitingApproval, "nobody approves their own");
    let recalled = house.post(Who::Full, "/dashboard/approvals", &[("all", "on"), ("do", "recall")]).await;
    assert_eq!(recalled.status, 303);
    let page = house.get(Who::Full, "/dashboard/approvals").await;
    assert!(page.body.contains("Nothing is held"), "{}", page.body);
}

#[tokio::test]
async fn a_form_that_takes_access_from_many_waits_and_is_shown_with_its_devices() {
    let house = House::build().await;
    for number in 0..6 {
        house.phone(&format!("Phone {number}")).await;
    }
    let user = engine::users::get(&house.engine, &house.scope(Who::Full).await, house.user).expect("a user");
    let fields = [
        ("username", user.username.as_str()),
        ("email", user.email.as_str()),
        ("display_name", user.display_name.as_str()),
    ];
    // Without the tick the user is disabled.
    let path = format!("/dashboard/users/{}/edit", house.user);
    let review = house.post(Who::Full, &path, &fields).await;
    assert_eq!(review.status, 200, "{}", review.body);
    for said in ["Review before saving", "devices lose", "Phone 3"] {
        assert!(review.body.contains(said), "{said}: {}", review.body);
    }
    // A password is in no page, so it is not carried through the review.
    let with_password = [fields.as_slice(), &[("password", "correct horse battery")]].concat();
    let refused = house.post(Who::Full, &path, &with_password).await;
    assert!(
        refused.status == 422 && refused.body.contains("Change the password by itself"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains("horse"), "{}", refused.body);
    let saved = [fields.as_slice(), &[("step", "save")]].concat();
    let page = house.post(Who::Full, &path, &saved).await;
    assert_eq!(page.status, 202, "{}", page.body);
    assert!(page.body.contains("This waits for a second person"), "{}", page.body);
    let link = page.body.split("href=\"").find(|part| part.starts_with("/dashboard/approvals/hld_"));
    let link = link.and_then(|part| part.split('"').next()).expect("a link to it");
    let shown = house.get(Who::Full, link).await;
    for said in [
        "would lose access",
        "Phone 3",
        "User disabled",
        "What it changes",
        "disabled",
        "May not approve",
        "Recall",
    ] {
        assert!(shown.body.contains(said), "{said}: {}", shown.body);
    }
    assert_eq!(house.get(Who::Foreign, link).await.status, 404);
    let id = link.rsplit('/').next().unwrap_or_default();
    let recalled = house.post(Who::Full, "/dashboard/approvals", &[("item", id), ("do", "recall")]).await;
    assert_eq!(recalled.status, 303);
    assert_eq!(house.get(Who::Full, link).await.status, 404);
}

#[tokio::test]
async fn restrictions_are_shown_before_they_are_saved() {
    let house = House::build().await;
    let block = format!("/dashboard/devices/{}/order/block", house.device);
    house.post(Who::Full, &block, &[("note", "stolen")]).await;
    let path = "/dashboard/access-restrictions";
    // Everything unticked: the blocked device would get both back.
    let fields = [("level", "organization"), ("step", "review")];
    let review = house.post(Who::Full, path, &fields).await;
    assert_eq!(review.status, 200, "{}", review.body);
    assert!(review.body.contains("Gets back"), "{}", review.body);
    let scope = house.scope(Who::Full).await;
    let access = engine::compliance::access(&house.engine, &scope).expect("settings");
    assert!(access.levels.is_empty(), "a review saves nothing");
    let saved = house.post(Who::Full, path, &[("level", "organization"), ("step", "save")]).await;
    assert_eq!(saved.status, 303);
    let access = engine::compliance::access(&house.engine, &scope).expect("settings");
    assert_eq!(access.levels.len(), 1);
    let user = house.user.to_string();
    let fields = [("subject", "lena"), ("kind", "never"), ("until", "2099-12-31"), ("note", "trial")];
    let added = house.post(Who::Full, "/dashboard/access-restrictions/exceptions/add", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let listed = house.get(Who::Full, "/dashboard/exceptions").await;
    assert!(listed.body.contains("Never restricted") && listed.body.contains("trial"), "{}", listed.body);
    let platforms = "/dashboard/platform-restrictions";
    assert!(!house.get(Who::Full, platforms).await.body.contains("differs"));
    let android = [("level", "platform.android"), ("step", "save"), ("no_contact.0", "on")];
    assert_eq!(house.post(Who::Full, path, &android).await.status, 303);
    assert!(house.get(Who::Full, platforms).await.body.contains("1 rule differs"));
    let ended =
        house.post(Who::Full, "/dashboard/access-restrictions/exceptions/end", &[("level", &user)]).await;
    assert_eq!(ended.status, 303);
    let rule = "/dashboard/access-restrictions/rules/no_contact";
    let bad = house.post(Who::Full, rule, &[("on", "on"), ("grace_minutes", "-1")]).await;
    assert_eq!(bad.status, 422);
}

#[tokio::test]
async fn people_servers_and_settings_go_there_and_back() {
    let house = House::build().await;
    let full = Who::Full;
    let bad = house.post(full, "/dashboard/users/add", &[("username", ""), ("email", "x@globex.test")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("x@globex.test"), "what was typed is lost");
    let fields =
        [("username", "tom"), ("email", "tom@acme.test"), ("state", "on"), ("password", "stand-in secret")];
    let user = house.post(full, "/dashboard/users/add", &fields).await;
    assert_eq!(user.status, 303, "{}", user.body);
    let gone = house.post(full, &format!("{}/remove", user.location), &[("confirm", "tom")]).await;
    assert_eq!((gone.status, gone.location.as_str()), (303, "/dashboard/users"));

    let bad =
        house.post(full, "/dashboard/activesync-servers/add", &[("name", "Mail"), ("url", "http://x")]).await;
    assert_eq!(bad.status, 422);
    let fields = [
        ("name", "Mail"),
        ("url", "mail.acme.test"),
        ("trust", "public"),
        ("lowest", "12.1"),
        ("highest", "16.1"),
        ("max_body", "64"),
        ("enabled", "on"),
    ];
    let server = house.post(full, "/dashboard/activesync-servers/add", &fields).await;
    assert_eq!(server.status, 303, "{}", server.body);
    let tested = house.post(full, &format!("{}/test", server.location), &[]).await;
    assert!(tested.body.contains("looked at https://mail.acme.test/Microsoft-Server-ActiveSync"));

    let page = house.get(full, "/dashboard/organization").await;
    let rev = page.between("name=\"rev\" value=\"", "\"");
    let mut fields = vec![
        ("rev", rev.as_str()),
        ("time_zone", "Europe/Nowhere"),
        ("max_devices_per_user", "5"),
        ("storage_grace_hours", "4"),
        ("policy_refresh_hours", "0"),
        ("auth_failure_threshold", "5"),
        ("auth_failure_minutes", "30"),
        ("journal_days", "365"),
        ("journal_body_days", "90"),
        ("command_history_days", "0"),
        ("exchange_days", "30"),
        ("verdict_days", "60"),
        ("language", "de"),
        ("enrollment_hours", "24"),
    ];
    let bad = house.post(full, "/dashboard/organization", &fields).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("Europe/Nowhere is not a time zone"));
    fields[1].1 = "Europe/Berlin";
    let saved = house.post(full, "/dashboard/organization", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let ise = house.get(full, "/dashboard/cisco-ise").await;
    let ise_rev = ise.between("name=\"rev\" value=\"", "\"");
    let wish = |rev, size| {
        let help = "https://help.acme.test/phones";
        [("rev", rev), ("ise_report_retired", "on"), ("ise_page_size", size), ("ise_redirect_url", help)]
    };
    let path = "/dashboard/cisco-ise/settings";
    let bad = house.post(full, path, &wish(&ise_rev, "5001")).await;
    assert!(bad.status == 422 && bad.body.contains("Enter 1 to 5000"), "{}", bad.body);
    assert_eq!(house.post(full, path, &wish(&ise_rev, "250")).await.status, 303);
    assert_eq!(
        house.post(full, path, &wish(&ise_rev, "251")).await.status,
        422,
        "an old version must not win"
    );
    let scope = house.scope(full).await;
    let settings = engine::organizations::current(&house.engine, &scope).expect("it").settings.clone();
    assert_eq!((settings.ise_page_size, settings.ise_report_retired), (250, true));
    assert_eq!(settings.ise_redirect_url, "https://help.acme.test/phones");
    assert_eq!(settings.time_zone, "Europe/Berlin", "the rest stays as it was");
    let late = house.post(full, "/dashboard/organization", &fields).await;
    assert_eq!(late.status, 422, "an edit of an old version must not win");
    let acme = house.engine.directory().organization(house.acme).expect("acme");
    let kept = acme.read().organization.settings.clone();
    assert_eq!((kept.journal_days, kept.journal_body_days, kept.exchange_days), (365, 90, 30));
}

#[tokio::test]
async fn the_default_organization_is_chosen_on_the_page_of_the_organizations() {
    let house = House::build().await;
    let (system, path) = (Who::System, "/dashboard/organizations");
    assert_eq!(house.engine.directory().installation().default_organization, None);
    let acme = house.acme.to_string();
    let save = async |chosen: &str, days: &str| {
        let page = house.get(system, path).await;
        let rev = page.between("name=\"rev\" value=\"", "\"");
        let fields = [
            ("rev", rev.as_str()),
            ("default_organization", chosen),
            ("journal_days", days),
            ("journal_body_days", "0"),
        ];
        house.post(system, "/dashboard/organizations/installation", &fields).await
    };
    let bad = save(&acme, "3").await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("Enter 30 to 3650 days"));
    assert_eq!(save(&acme, "365").await.status, 303);
    let now = house.engine.directory().installation();
    assert_eq!((now.default_organization, now.journal_days), (Some(house.acme), 365));
    assert_eq!(save("", "0").await.status, 303);
    assert_eq!(house.engine.directory().installation().default_organization, None);
}

#[tokio::test]
async fn secrets_are_shown_once() {
    let house = House::build().await;
    let fields = [("username", "ise-acme"), ("role", "none"), ("ise_admin", "on")];
    let made = house.post(Who::Full, "/dashboard/administrators/add", &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let password = made.between("id=\"secret\"", "</");
    let password = password.rsplit('>').next().expect("a value").to_owned();
    assert!(password.len() >= 16, "{password}");
    let fields = [("name", "Script"), ("days", "30"), ("powers", "devices.view")];
    let token = house.post(Who::Full, "/dashboard/account/tokens/add", &fields).await;
    assert!(token.body.contains("nmdm_"), "{}", token.body);
    for path in ["/dashboard/administrators", "/dashboard/account", "/dashboard/journal"] {
        let page = house.get(Who::Full, path).await;
        assert!(!page.body.contains(&password) && !page.body.contains("nmdm_"), "{path}");
    }
}

#[tokio::test]
async fn a_device_is_added_by_hand_and_edited() {
    let house = House::build().await;
    let fields = [("user", "lena"), ("name", "Tablet"), ("platform", "ios"), ("macs", "00-26-b4-24-fe-b4")];
    let made = house.post(Who::Full, "/dashboard/devices/add", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let page = house.get(Who::Full, &made.location).await;
    assert!(page.body.contains("00:26:B4:24:FE:B4"));
    let edit = format!("{}/edit", made.location);
    let bad = house.post(Who::Full, &edit, &[("name", "Tablet"), ("macs", "12")]).await;
    assert_eq!(bad.status, 422);
    let fields = [("name", "Lena’s tablet"), ("facts.serial_number", "R5CX"), ("facts.jail_broken", "false")];
    assert_eq!(house.post(Who::Full, &edit, &fields).await.status, 303);
    let page = house.get(Who::Full, &format!("{}?tab=facts", made.location)).await;
    assert!(page.body.contains("R5CX") && page.body.contains("entered by hand"));
    let csv = house.get(Who::ReadOnly, "/dashboard/devices/export?cols=name,serial_number").await;
    assert!(csv.body.contains("\"Lena’s tablet\",\"R5CX\""), "{}", csv.body);
    assert_eq!(house.get(Who::HelpDesk, "/dashboard/devices/export").await.status, 403);
}
