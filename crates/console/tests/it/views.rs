//! Saved views: one's own, there and back, in two organizations. And the journal's filters in the address.

use crate::house::{House, Who};

const ADD: &str = "/dashboard/views/add";

#[tokio::test]
async fn a_view_is_kept_for_its_owner_alone() {
    let house = House::build().await;
    let query = "q=lena&status=compliant&status=blocked&sort=-user&cols=name,macs";
    let grid = house.get(Who::Full, &format!("/dashboard/devices?{query}&size=25")).await;
    let keep = format!("href=\"{ADD}?list=devices&#38;{}\"", query.replace('&', "&#38;"));
    assert!(grid.body.contains(&keep), "{}", grid.body);
    let form = house.get(Who::Full, &format!("{ADD}?{query}")).await;
    assert!(
        form.body.contains("“lena”; Compliant; Blocked; by User, largest first; 2 columns"),
        "{}",
        form.body
    );
    let fields = [("name", "Lena’s & mine"), ("query", query)];
    let saved = house.post(Who::Full, ADD, &fields).await;
    assert_eq!((saved.status, saved.location), (303, format!("/dashboard/devices?{query}")));
    for who in [Who::HelpDesk, Who::Foreign] {
        assert!(!house.get(who, "/dashboard/devices").await.body.contains("Lena’s &#38; mine"), "{who:?}");
        assert!(house.get(who, "/dashboard/views").await.body.contains("You keep no view yet"), "{who:?}");
        assert_eq!(house.post(who, ADD, &fields).await.status, 303, "the name is free for {who:?}");
    }
    let grid = house.get(Who::Full, &format!("/dashboard/devices?{query}")).await;
    let tab = grid.between("Lena’s &#38; mine", "<");
    assert!(tab.is_empty() || !tab.contains("mine"));
    assert!(grid.body.contains("Manage views") && !grid.body.contains("Save view"), "{}", grid.body);
    // The same name again is refused, unless it is to be replaced.
    let changed = [("name", "LENA’S & MINE"), ("query", "platform=ios")];
    let again = house.post(Who::Full, ADD, &changed).await;
    assert!(
        again.status == 422 && again.body.contains("There is one with this name already"),
        "{}",
        again.body
    );
    let changed = [("name", "LENA’S & MINE"), ("query", "platform=ios"), ("replace", "on")];
    assert_eq!(house.post(Who::Full, ADD, &changed).await.location, "/dashboard/devices?platform=ios");
    let scope = house.scope(Who::Full).await;
    let own = engine::views::list(&house.engine, &scope).await.expect("views");
    assert_eq!(own.len(), 1);
    let remove = format!("/dashboard/views/{}/remove", own[0].id);
    for who in [Who::HelpDesk, Who::Foreign] {
        assert_eq!(house.post(who, &remove, &[]).await.status, 404, "{who:?}");
    }
    assert_eq!(house.post(Who::Full, &remove, &[]).await.status, 303);
    assert!(house.get(Who::Full, "/dashboard/views").await.body.contains("You keep no view yet"));
}

#[tokio::test]
async fn a_view_of_users_stands_above_users_and_nowhere_else() {
    let house = House::build().await;
    let query = "q=lena&devices=none&sort=-email&cols=name,email";
    let grid = house.get(Who::Full, &format!("/dashboard/users?{query}")).await;
    let keep = format!("href=\"{ADD}?list=users&#38;{}\"", query.replace('&', "&#38;"));
    assert!(grid.body.contains(&keep), "{}", grid.body);
    let form = house.get(Who::Full, &format!("{ADD}?list=users&{query}")).await;
    let told = "“lena”; Without a device; by E-mail, largest first; 2 columns";
    assert!(form.body.contains(told), "{}", form.body);
    let fields = [("name", "To be equipped"), ("list", "users"), ("query", query)];
    let saved = house.post(Who::Full, ADD, &fields).await;
    assert_eq!((saved.status, saved.location), (303, format!("/dashboard/users?{query}")));
    assert!(house.get(Who::Full, "/dashboard/users").await.body.contains("To be equipped"));
    assert!(!house.get(Who::Full, "/dashboard/devices").await.body.contains("To be equipped"));
    assert!(!house.get(Who::Foreign, "/dashboard/users").await.body.contains("To be equipped"));
    // A filter of the other list is not one of this.
    let wrong = house.get(Who::Full, &format!("{ADD}?list=users&platform=ios")).await;
    assert!(wrong.body.contains("All users"), "{}", wrong.body);
}

#[tokio::test]
async fn what_no_grid_knows_is_not_kept() {
    let house = House::build().await;
    let scope = house.scope(Who::Full).await;
    let good = engine::views::ViewInput { name: "v".into(), ..engine::views::ViewInput::default() };
    let pair = |k: &str, v: &str| vec![(k.to_owned(), v.to_owned())];
    let bad = [
        engine::views::ViewInput { name: " ".into(), ..good.clone() },
        engine::views::ViewInput { filters: pair("colour", "red"), ..good.clone() },
        engine::views::ViewInput { filters: pair("platform", "amiga"), ..good.clone() },
        engine::views::ViewInput { sort: "-password".into(), ..good.clone() },
        engine::views::ViewInput { columns: vec!["hash".into()], ..good.clone() },
    ];
    for input in bad {
        let refused = engine::views::create(&house.engine, &scope, input.clone()).await;
        assert!(matches!(refused, Err(engine::Error::Invalid(_))), "{input:?}: {refused:?}");
    }
    for number in 0..engine::views::MOST {
        let input = engine::views::ViewInput { name: format!("v{number}"), ..good.clone() };
        engine::views::create(&house.engine, &scope, input).await.expect("a view");
    }
    let refused = engine::views::create(&house.engine, &scope, good).await;
    assert!(matches!(refused, Err(engine::Error::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn the_journal_is_filtered_by_the_address() {
    let house = House::build().await;
    house
        .post(Who::Full, &format!("/dashboard/devices/{}/order/block", house.device), &[("note", "x")])
        .await;
    let count = async |query: &str| {
        let page = house.get(Who::Full, &format!("/dashboard/journal?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        page.body.matches("data-label=\"What happened\"").count()
    };
    let all = count("size=100").await;
    let blocked = count("event=command.").await + count("event=device.").await;
    assert!(blocked > 0 && blocked < all, "{blocked} of {all}");
    let mara = house.scope(Who::Full).await.administrator().expect("mara").id;
    assert!(count(&format!("actor={mara}")).await > 0);
    assert_eq!(count("actor=nobody").await, 0);
    let about = count(&format!("subject={}", house.device)).await;
    assert!(about > 0);
    assert_eq!(count("q=Lena").await, about + count(&format!("subject={}", house.user)).await);
    assert_eq!(count("q=no+such+phone").await, 0);
    let today = jiff::Timestamp::from_millisecond(house.clock.now()).expect("a time");
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    assert_eq!(count(&format!("from={today}&until={today}&size=100")).await, all);
    assert_eq!(count(&format!("until={}", today.yesterday().expect("a day"))).await, 0);
    assert_eq!(count(&format!("from={}", today.tomorrow().expect("a day"))).await, 0);
    assert_eq!(count("from=soon&size=100").await, all, "what is no day is no filter");
    let page =
        house.get(Who::Full, &format!("/dashboard/journal?subject={}&event=device.", house.device)).await;
    assert!(page.body.contains("About Lena’s phone"), "the subject is named: {}", page.body);
    assert!(page.body.contains(&format!("type=\"hidden\" name=\"subject\" value=\"{}\"", house.device)));
    let foreign = house.get(Who::Foreign, &format!("/dashboard/journal?subject={}", house.device)).await;
    assert!(foreign.body.contains("No entry fits"), "{}", foreign.body);
}

#[tokio::test]
async fn a_large_form_is_read_and_a_huge_one_is_refused() {
    let house = House::build().await;
    let large = "A+/=\n".repeat(40 * 1024);
    assert_eq!(large.len(), 200 * 1024);
    let fields = [("name", "Mail"), ("url", "https://mail.acme.test"), ("trust", "roots"), ("roots", &large)];
    let page = house.post(Who::Full, "/dashboard/activesync-servers/add", &fields).await;
    assert_eq!(page.status, 422, "it is read, and it is no certificate: {}", page.location);
    assert!(page.body.contains("A+/="), "nothing typed is lost");
    let huge = "x".repeat(1 << 20);
    let page = house.post(Who::Full, "/dashboard/activesync-servers/add", &[("name", &huge)]).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("larger than 1 MiB"), "{}", page.body);
}
