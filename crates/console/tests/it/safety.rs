//! What must hold on every page: hostile names stay text, headers are set, nothing is inline, every form has its token.

use http::Method;

use crate::house::{House, Who};
use crate::{tags, values};

const EVIL: &str = "<script>alert(1)</script>\"'&";

#[tokio::test]
async fn hostile_names_stay_text_everywhere() {
    let house = House::build().await;
    let device = house.phone(EVIL).await;
    let scope = house.scope(Who::Full).await;
    let input = engine::users::UserInput {
        username: "evil".into(),
        display_name: EVIL.into(),
        ..engine::users::UserInput::default()
    };
    let user = engine::users::create(&house.engine, &scope, input).await.expect("a user").id;
    let input = engine::policy::SuiteInput {
        name: EVIL.into(),
        description: EVIL.into(),
        ..engine::policy::SuiteInput::default()
    };
    let suite = engine::policy::create(&house.engine, &scope, input).await.expect("a suite");
    let input = engine::schedules::ScheduleInput {
        name: EVIL.into(),
        description: EVIL.into(),
        ..engine::schedules::ScheduleInput::default()
    };
    let schedule = engine::schedules::create(&house.engine, &scope, input).await.expect("a schedule");
    let order = engine::commands::Order { device, kind: catalog::CommandKind::Block, note: EVIL.into() };
    engine::commands::order(&house.engine, &scope, order).await.expect("a block");
    let mut paths = vec![
        "/dashboard".to_owned(),
        "/dashboard/devices".into(),
        "/dashboard/devices?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E&status=%22%3E%3Cscript%3E".into(),
        "/dashboard/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
        "/dashboard/users".into(),
        format!("/dashboard/users/{user}"),
        "/dashboard/policy-suites".into(),
        format!("/dashboard/policy-suites/{suite}"),
        format!("/dashboard/policy-suites/{suite}/delete"),
        "/dashboard/connection-schedules".into(),
        format!("/dashboard/connection-schedules/{schedule}"),
        format!("/dashboard/connection-schedules/{schedule}/delete"),
        "/dashboard/journal".into(),
        "/dashboard/sign-in?next=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
    ];
    for tab in ["access", "policy", "commands", "exchanges", "facts", "timeline"] {
        paths.push(format!("/dashboard/devices/{device}?tab={tab}"));
    }
    let mut escaped = 0;
    for path in paths {
        for who in [Who::Full, Who::Nobody] {
            let page = house.get(who, &path).await;
            assert!(!page.body.contains("<script>"), "{path}\n{}", page.body);
            escaped += usize::from(page.body.contains("&#60;script&#62;alert(1)"));
        }
    }
    assert!(escaped >= 12, "the name was on {escaped} pages only");
}

#[tokio::test]
async fn every_page_is_guarded_and_every_form_carries_the_token() {
    let house = House::build().await;
    let (suite, role, server) = crate::access::objects(&house).await;
    let csrf = house.get(Who::Full, "/dashboard/account").await.csrf();
    let mut forms = 0;
    for route in console::table(house.face()).iter().filter(|r| r.method == Method::GET) {
        let path = crate::access::fill(&house, route.path, &suite, &role, &server);
        let page = house.get(Who::Full, &path).await;
        let header = |name: &str| page.headers.get(name).map(|v| v.to_str().expect("text").to_owned());
        let policy = header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{path}");
        if header("content-type").is_none_or(|kind| !kind.starts_with("text/html")) {
            continue;
        }
        assert!(values(&page.body, "style").is_empty() && !page.body.contains("<style"), "{path}");
        assert!(tags(&page.body, "script").iter().all(|tag| tag.contains(" src=")), "{path}");
        unique(&path, &page.body);
        for form in page.body.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if form.contains("method=\"post\"") {
                forms += 1;
                assert!(form.contains(&format!("name=\"csrf\" value=\"{csrf}\"")), "{path}: {form}");
            }
        }
    }
    assert!(forms > 100, "{forms} forms");
}

/// Ids are unique, and what names one leads somewhere.
fn unique(path: &str, html: &str) {
    let all = values(html, "id");
    let ids: std::collections::BTreeSet<_> = all.iter().copied().collect();
    let twice: Vec<_> = all.iter().filter(|id| all.iter().filter(|o| o == id).count() > 1).collect();
    assert!(twice.is_empty(), "{path} has an id twice: {twice:?}");
    for attribute in
        ["for", "aria-describedby", "aria-labelledby", "popovertarget", "data-dialog", "data-copy"]
    {
        for id in values(html, attribute).iter().flat_map(|list| list.split(' ')) {
            assert!(ids.contains(id), "{path}: {attribute} names {id}, which is not there");
        }
    }
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_take_it_and_files_are_kept() {
    let house = House::build().await;
    let page =
        house.send(Who::Full, Method::GET, "/dashboard/devices", "", &[("accept-encoding", "gzip")]).await;
    assert_eq!(page.headers["content-encoding"], "gzip");
    let url = console::assets::url("theme.css");
    let file = house.get(Who::Nobody, url).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(house.get(Who::Full, "/dashboard/no-such-page").await.status, 404);
}

#[tokio::test]
async fn a_generated_password_must_be_changed_first() {
    let house = House::build().await;
    let scope = house.scope(Who::Full).await;
    engine::administrators::reset_password(&house.engine, &scope, house.desk, "temporary secret 1")
        .await
        .expect("a reset");
    let fields = [("account", "dora"), ("password", "temporary secret 1")];
    let page = house.post_as_is(Who::Nobody, "/dashboard/sign-in", &fields).await;
    let cookie = page.cookies[0].split(';').next().expect("a pair").to_owned();
    let headers = [("cookie", cookie.as_str())];
    let page = house.send(Who::Nobody, Method::GET, "/dashboard/devices", "", &headers).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/dashboard/account/password"));
    let form = house.send(Who::Nobody, Method::GET, "/dashboard/account/password", "", &headers).await;
    assert!(form.body.contains("Somebody else knows your present password"));
    let body = crate::house::form(&[
        ("csrf", &form.csrf()),
        ("old_password", "temporary secret 1"),
        ("password", "a sentence of my own"),
        ("again", "a sentence of my own"),
    ]);
    let page = house.send(Who::Nobody, Method::POST, "/dashboard/account/password", &body, &headers).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/dashboard"));
    let page = house.send(Who::Nobody, Method::GET, "/dashboard/devices", "", &headers).await;
    assert_eq!(page.status, 200);
}
